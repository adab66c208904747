using Scale.Api.Tests.Hosting;

namespace Scale.Api.Tests.Access;

public sealed class AccessTests
{
    private const string Validation = "/v6/workspaces/validation/";
    private static readonly object Valid = new { title = "x", configuration = new { broker = new { type = "host", host_path = "/data" } } };

    [Theory]
    [InlineData("staff", false, 200, 200, 204)]
    [InlineData("user", false, 200, 200, 403)]
    [InlineData("anonymous", true, 200, 200, 403)]
    [InlineData("anonymous", false, 403, 403, 403)]
    public async Task Who_may_do_what(string who, bool publicRead, int read, int validate, int write)
    {
        await using var api = await ApiFixture.Start(configure: o => o with { PublicRead = publicRead });
        var client = api.CreateClient(who switch
        {
            "staff" => await api.AddAccount("boss", isStaff: true),
            "user" => await api.AddAccount("ann"),
            _ => null,
        });
        (await api.Send(HttpMethod.Get, "/v6/scheduler/", client: client)).Expect(read);
        (await api.Send(HttpMethod.Post, Validation, Valid, client)).Expect(validate);
        var answer = (await api.Send(HttpMethod.Patch, "/v6/scheduler/", new { is_paused = true }, client)).Expect(write);
        if (write == 403)
        {
            Assert.NotEmpty(answer.Detail);
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0123456789012345678901234567890123456789")]
    public async Task A_wrong_token_is_refused_even_where_none_is_needed(string token)
    {
        await using var api = await ApiFixture.Start(configure: o => o with { PublicRead = true });
        Assert.Contains("token", (await api.Send(HttpMethod.Get, "/v6/scheduler/", client: api.CreateClient(token))).Expect(403).Detail, StringComparison.OrdinalIgnoreCase);
        (await api.Send(HttpMethod.Get, "/v6/version/", client: api.CreateClient(token))).Expect(200);
    }

    [Fact]
    public async Task Inactive_accounts_are_refused()
    {
        await using var api = await ApiFixture.Start();
        var token = await api.AddAccount("gone", isStaff: true, isActive: false, password: "secret");
        (await api.Send(HttpMethod.Get, "/v6/scheduler/", client: api.CreateClient(token))).Expect(403);
        var refused = (await api.Send(HttpMethod.Post, "/api-token-auth/", new { username = "gone", password = "secret" }, api.CreateClient(null))).Expect(400);
        Assert.True(refused.Json.TryGetProperty("non_field_errors", out _));
    }

    [Fact]
    public async Task With_authentication_off_everybody_is_staff()
    {
        await using var api = await ApiFixture.Start(configure: o => o with { AuthenticationEnabled = false });
        (await api.Send(HttpMethod.Patch, "/v6/scheduler/", new { is_paused = true }, api.CreateClient(null))).Expect(204);
        (await api.Send(HttpMethod.Patch, "/v6/scheduler/", new { is_paused = true }, api.CreateClient("nonsense"))).Expect(204);
    }

    [Fact]
    public async Task Checks_come_in_their_order()
    {
        await using var api = await ApiFixture.Start();
        var anonymous = api.CreateClient(null);
        var user = api.CreateClient(await api.AddAccount("ann"));

        // Route before media type before credentials before permission before method.
        (await api.Send(HttpMethod.Delete, "/v6/nowhere/", client: anonymous)).Expect(404);
        (await api.Send(new HttpRequestMessage(HttpMethod.Delete, "/v6/scheduler/") { Headers = { { "Accept", "text/html" } } }, anonymous)).Expect(406);
        (await api.Send(HttpMethod.Delete, "/v6/scheduler/", client: anonymous)).Expect(403);
        (await api.Send(HttpMethod.Delete, "/v6/scheduler/", client: user)).Expect(403);
        Assert.Equal("GET, PATCH", (await api.Send(HttpMethod.Delete, "/v6/scheduler/")).Expect(405).Headers["Allow"]);

        // Body before parameters before entity.
        (await api.Patch("/v6/nodes/99/", "{")).Expect(400);
        (await api.Patch("/v6/nodes/99/", new { is_paused = "maybe" })).Expect(400);
        (await api.Patch("/v6/nodes/99/", new { is_paused = true })).Expect(404);
    }

    [Fact]
    public async Task The_admin_token_is_for_its_owner_alone_and_stays()
    {
        await using var api = await ApiFixture.Start();
        var path = Path.Combine(api.Folder, "admin-token");
        Assert.Matches("^[0-9a-f]{40}$", api.AdminToken);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.Delete(path);
        await new Scale.Api.Access.AdminAccount(api.Database, new ApiOptions { AdminTokenPath = path, AdminPassword = "pass" }, TimeProvider.System).StartAsync(default);
        Assert.Equal(api.AdminToken, (await File.ReadAllTextAsync(path)).Trim());
        var token = (await api.Send(HttpMethod.Post, "/api-token-auth/", new { username = "admin", password = "pass" }, api.CreateClient(null))).Expect(200);
        Assert.Equal(api.AdminToken, token["token"].GetString());
    }

    [Fact]
    public async Task Tokens_need_the_right_password()
    {
        await using var api = await ApiFixture.Start();
        await api.AddAccount("ann", password: "secret");
        var anonymous = api.CreateClient(null);
        Task<ApiAnswer> Ask(object body) => api.Send(HttpMethod.Post, "/api/api-token-auth/", body, anonymous);
        Assert.True((await Ask(new { username = "ann", password = "wrong" })).Expect(400).Json.TryGetProperty("non_field_errors", out _));
        Assert.True((await Ask(new { username = "nobody", password = "secret" })).Expect(400).Json.TryGetProperty("non_field_errors", out _));
        Assert.True((await Ask(new { username = "admin", password = "" })).Expect(400).Json.TryGetProperty("password", out _));
        Assert.True((await Ask(new { password = "secret" })).Expect(400).Json.TryGetProperty("username", out _));
        (await Ask(new { username = "admin", password = "x" })).Expect(400);
        (await api.Send(HttpMethod.Get, "/api-token-auth/", client: anonymous)).Expect(405);
    }

    [Fact]
    public async Task The_profile_tells_who_one_is()
    {
        await using var api = await ApiFixture.Start();
        var profile = (await api.Get("/v6/accounts/profile/")).Expect(200);
        Assert.Equal("admin", profile["username"].GetString());
        Assert.Equal("Admin", profile["first_name"].GetString());
        Assert.True(profile["is_staff"].GetBoolean());
        Assert.DoesNotContain("password", profile.Text, StringComparison.Ordinal);
        (await api.Send(HttpMethod.Get, "/v6/accounts/profile/", client: api.CreateClient(null))).Expect(403);

        await using var open = await ApiFixture.Start(configure: o => o with { PublicRead = true });
        Assert.Empty((await open.Send(HttpMethod.Get, "/v6/accounts/profile/", client: open.CreateClient(null))).Expect(401).Text);
    }
}
