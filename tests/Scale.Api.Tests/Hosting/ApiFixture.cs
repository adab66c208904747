using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scale.Api;
using Scale.Engine.JobTypes;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Store.Access;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Hosting;

/// <summary>The API over HTTP on a fresh database, without a leader. <see cref="Client"/> is the account <c>admin</c>.</summary>
public sealed class ApiFixture : IAsyncDisposable
{
    private readonly TestDatabase databases;
    private readonly WebApplication app;
    private readonly DirectoryInfo folder;

    private ApiFixture(TestDatabase databases, WebApplication app, DirectoryInfo folder, string adminToken)
    {
        this.databases = databases;
        this.app = app;
        this.folder = folder;
        AdminToken = adminToken;
        Client = CreateClient(adminToken);
    }

    public Database Database => databases.Database;

    public IServiceProvider Services => app.Services;

    /// <summary>A folder of this test, removed with it.</summary>
    public string Folder => folder.FullName;

    public string AdminToken { get; }

    public HttpClient Client { get; }

    public static async Task<ApiFixture> Start(Provider provider = Provider.Sqlite, Func<ApiOptions, ApiOptions>? configure = null, TimeProvider? clock = null, Action<IServiceCollection>? services = null)
    {
        var databases = await TestDatabase.Create(provider, clock);
        var folder = Directory.CreateTempSubdirectory("scale-api-");
        var options = new ApiOptions { AdminTokenPath = Path.Combine(folder.FullName, "admin-token") };
        options = configure?.Invoke(options) ?? options;

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(databases.Database);
        builder.Services.AddSingleton(new EngineSignal());
        builder.Services.AddSingleton(SecretVault.Open(Path.Combine(folder.FullName, "secrets.key")));
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddScaleRecipes();
        services?.Invoke(builder.Services);
        builder.Services.AddScaleApi(options);
        var app = builder.Build();
        app.MapScaleApi();
        await app.StartAsync();
        return new ApiFixture(databases, app, folder, (await File.ReadAllTextAsync(options.AdminTokenPath!)).Trim());
    }

    public HttpClient CreateClient(string? token)
    {
        var client = app.GetTestClient();
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Token", token);
        }

        return client;
    }

    /// <summary>Token of a new account.</summary>
    public async Task<string> AddAccount(string username, bool isStaff = false, bool isActive = true, string? password = null)
    {
        await using var session = await Database.Write();
        var id = await AccountStore.Create(session, username, password, "First", "Last", isStaff, DateTime.UnixEpoch);
        await session.Execute("UPDATE account SET is_active = @active WHERE id = @id", ("active", isActive), ("id", id));
        var token = await AccountStore.Token(session, id, DateTime.UnixEpoch);
        await session.Commit();
        return token;
    }

    public Task<ApiAnswer> Get(string path) => Send(HttpMethod.Get, path);

    /// <param name="body">JSON text, or an object to serialize as it is.</param>
    public Task<ApiAnswer> Post(string path, object? body = null) => Send(HttpMethod.Post, path, body);

    public Task<ApiAnswer> Patch(string path, object body) => Send(HttpMethod.Patch, path, body);

    public Task<ApiAnswer> Send(HttpMethod method, string path, object? body = null, HttpClient? client = null)
    {
        var content = body switch
        {
            null => null,
            HttpContent ready => ready,
            string text => new StringContent(text, Encoding.UTF8, "application/json"),
            _ => new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        return Send(new HttpRequestMessage(method, path) { Content = content }, client);
    }

    public async Task<ApiAnswer> Send(HttpRequestMessage request, HttpClient? client = null)
    {
        using var response = await (client ?? Client).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = text.Length > 0 && response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonSerializer.Deserialize<JsonElement>(text) : default;
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new ApiAnswer((int)response.StatusCode, json, text, headers);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        await databases.DisposeAsync();
        folder.Delete(recursive: true);
    }
}

/// <summary>A whole answer.</summary>
/// <param name="Json">Undefined when the body is not JSON.</param>
public sealed record ApiAnswer(int Status, JsonElement Json, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public string Detail => Json.GetProperty("detail").GetString()!;

    public JsonElement this[string name] => Json.GetProperty(name);

    public IReadOnlyList<JsonElement> Results => [.. Json.GetProperty("results").EnumerateArray()];

    /// <summary>Names of the warnings in it.</summary>
    public IEnumerable<string> Warnings => Json.GetProperty("warnings").EnumerateArray().Select(w => w.GetProperty("name").GetString()!);

    /// <summary>This answer, or a failure that shows it.</summary>
    public ApiAnswer Expect(int status)
    {
        Assert.True(status == Status, $"Expected {status}, got {Status}: {Text}");
        return this;
    }
}
