using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scale.Api.Tests.Hosting;
using Scale.Engine.JobTypes;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

/// <summary>Secret settings over HTTP (job-types-and-seed.md §6).</summary>
public sealed class SecretTests
{
    private const string Path = "/v6/job-types/count-lines/1.0.0/";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Secrets_are_merged_by_name_and_deleted_by_null(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifest(false), Settings(("PASSWORD", "hush-1"), ("HOST", "db-1")));
        Assert.Equal(["HOST"], await Shown(api));
        Assert.Equal(["PASSWORD=hush-1"], await Stored(api));

        // A secret that is not sent again stays, and does not count as missing.
        var kept = (await api.Patch(Path, new { configuration = new { settings = new { HOST = "db-2" } } })).Expect(200);
        Assert.Empty(kept["warnings"].EnumerateArray());
        Assert.Equal(["PASSWORD=hush-1"], await Stored(api));

        // A setting that becomes secret moves.
        (await api.Patch(Path, new JsonObject { ["manifest"] = Manifest(true) })).Expect(200);
        Assert.Empty(await Shown(api));
        Assert.Equal(["HOST=db-2", "PASSWORD=hush-1"], await Stored(api));

        (await api.Patch(Path, """{"configuration":{"settings":{"PASSWORD":null}}}""")).Expect(200);
        Assert.Equal(["HOST=db-2"], await Stored(api));
        Assert.Equal(
            ["MISSING_SETTING"],
            (await api.Patch(Path, """{"configuration":{"settings":{"HOST":"db-3"}}}""")).Expect(200)["warnings"].EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        Assert.Equal(["HOST=db-3"], await Stored(api));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_text_of_a_secret_is_nowhere_but_in_the_request(Provider provider)
    {
        var log = new StringBuilder();
        await using var api = await ApiFixture.Start(provider, services: services => services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(new TextLog(log))));
        await api.Register(Manifest(false), Settings(("PASSWORD", "hush-1"), ("HOST", "hush-2")));
        (await api.Patch(Path, new JsonObject { ["manifest"] = Manifest(true) })).Expect(200);
        (await api.Post("/v6/job-types/", Manifests.Body(Manifest(true), others: Settings(("PASSWORD", "hush-3"))))).Expect(200);
        (await api.Patch(Path, """{"configuration":{"settings":{"PASSWORD":"hush-4"},"priority":"hush-5"}}""")).Expect(400);
        foreach (var path in new[] { Path, Path + "revisions/", Path + "revisions/1/", "/v6/job-types/", "/v6/job-type-names/", "/v6/status/" })
        {
            Assert.DoesNotContain("hush", (await api.Get(path)).Expect(200).Text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("hush", log.ToString(), StringComparison.Ordinal);
        await AssertNotIn(api.Folder);
        if (provider == Provider.Sqlite)
        {
            await AssertNotIn(System.IO.Path.GetDirectoryName(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(api.Database.ConnectionString).DataSource)!);
        }
        else
        {
            await using var session = await api.Database.Read(TestContext.Current.CancellationToken);
            Assert.Empty(await session.Query("SELECT name FROM job_type t WHERE t::text LIKE '%hush%' UNION ALL SELECT name FROM secret s WHERE s::text LIKE '%hush%'", r => r.GetString(0)));
        }
    }

    [Fact]
    public async Task Without_a_key_secrets_are_refused_and_nothing_is_saved()
    {
        var folder = Directory.CreateTempSubdirectory("scale-no-key-");
        var key = System.IO.Path.Combine(folder.FullName, "secrets.key");
        await File.WriteAllTextAsync(key, "no keys", TestContext.Current.CancellationToken);
        await using (var api = await ApiFixture.Start(services: services => services.AddSingleton(SecretVault.Open(key))))
        {
            Assert.Contains(key, (await api.Post("/v6/job-types/", Manifests.Body(Manifest(true), others: Settings(("PASSWORD", "hush"))))).Expect(503).Detail, StringComparison.Ordinal);
            Assert.Empty((await api.Get("/v6/job-types/")).Results);
            Assert.Equal("Secrets Improperly Configured", (await api.Get("/v6/status/"))["vault"].GetProperty("status").GetString());

            // Without secrets it works.
            await api.Register(Manifest(false), Settings(("HOST", "db")));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_system_status_has_a_vault()
    {
        await using var api = await ApiFixture.Start();
        var vault = (await api.Get("/v6/status/")).Expect(200)["vault"];
        Assert.Equal(("Ok", false), (vault.GetProperty("status").GetString(), vault.GetProperty("sealed").GetBoolean()));
        Assert.NotEmpty(vault.GetProperty("message").GetString()!);
    }

    private static JsonObject Manifest(bool hostIsSecret) => Manifests.Plain().With(job => job["interface"] = new JsonObject
    {
        ["command"] = "x",
        ["settings"] = new JsonArray(new JsonObject { ["name"] = "PASSWORD", ["secret"] = true }, new JsonObject { ["name"] = "HOST", ["secret"] = hostIsSecret }),
    });

    private static (string, JsonNode?) Settings(params (string Name, string Value)[] settings) =>
        ("configuration", new JsonObject { ["settings"] = new JsonObject(settings.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)JsonValue.Create(s.Value)))) });

    private static async Task<IEnumerable<string>> Shown(ApiFixture api) =>
        (await api.Get(Path)).Expect(200)["configuration"].GetProperty("settings").EnumerateObject().Select(p => p.Name);

    private static async Task<IEnumerable<string>> Stored(ApiFixture api)
    {
        await using var session = await api.Database.Read();
        var vault = api.Services.GetRequiredService<SecretVault>();
        return (await SecretStore.Of(session, ["job_type/1"])).OrderBy(s => s.Name).Select(s => $"{s.Name}={vault.Decrypt(s.Owner, s.Name, s.Value)}");
    }

    private static async Task AssertNotIn(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf("hush"u8) < 0, $"{file} holds the text of a secret");
        }
    }

    private sealed class TextLog(StringBuilder text) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (text)
            {
                text.AppendLine(formatter(state, exception)).AppendLine(exception?.ToString());
            }
        }

        public void Dispose()
        {
        }
    }
}
