using System.Text;
using Scale.Api.Tests.Hosting;

namespace Scale.Api.Tests.Requests;

public sealed class RequestBodyTests
{
    [Fact]
    public async Task Forms_are_read_like_JSON()
    {
        await using var api = await ApiFixture.Start();
        await api.AddAccount("ann", password: "secret");
        HttpContent[] bodies =
        [
            new StringContent("""{"username":"ann","password":"secret"}""", Encoding.UTF8, "application/json"),
            new FormUrlEncodedContent([new("username", "ann"), new("password", "secret")]),
            new MultipartFormDataContent { { new StringContent("ann"), "username" }, { new StringContent("secret"), "password" } },
        ];
        var tokens = new HashSet<string?>();
        foreach (var body in bodies)
        {
            tokens.Add((await api.Send(HttpMethod.Post, "/api-token-auth/", body, api.CreateClient(null))).Expect(200)["token"].GetString());
        }

        Assert.Matches("^[0-9a-f]{40}$", Assert.Single(tokens));
    }

    [Theory]
    [InlineData("""{"is_paused":""")]
    [InlineData("""[1]""")]
    [InlineData("""{"queue_mode":"\ud800"}""")]
    [InlineData("""{"queue_mode":"\u0000"}""")]
    public async Task Malformed_bodies_are_400(string body)
    {
        await using var api = await ApiFixture.Start();
        Assert.NotEmpty((await api.Patch("/v6/scheduler/", body)).Expect(400).Detail);
    }

    [Fact]
    public async Task Other_media_types_are_415()
    {
        await using var api = await ApiFixture.Start();
        (await api.Send(HttpMethod.Patch, "/v6/scheduler/", new StringContent("<a/>", Encoding.UTF8, "text/xml"))).Expect(415);
    }

    [Fact]
    public async Task Long_bodies_are_413()
    {
        await using var api = await ApiFixture.Start(configure: o => o with { MaxBodyBytes = 100 });
        (await api.Patch("/v6/scheduler/", "{\"system_logging_level\":\"" + new string('x', 200) + "\"}")).Expect(413);
    }

    [Fact]
    public async Task Deep_bodies_are_400()
    {
        await using var api = await ApiFixture.Start();
        (await api.Patch("/v6/scheduler/", new string('[', 5000) + new string(']', 5000))).Expect(400);
    }
}
