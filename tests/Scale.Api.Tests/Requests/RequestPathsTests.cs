using Scale.Api.Tests.Hosting;

namespace Scale.Api.Tests.Requests;

public sealed class RequestPathsTests
{
    [Theory]
    [InlineData("/v6/version/")]
    [InlineData("/v6/version")]
    [InlineData("/v7/version/")]
    [InlineData("/api/v6/version/")]
    [InlineData("/api/v7/version")]
    public async Task Every_spelling_of_a_path_answers(string path)
    {
        await using var api = await ApiFixture.Start();
        var answer = (await api.Get(path)).Expect(200);
        Assert.Matches(@"^\d+\.\d+\.\d+$", answer["version"].GetString());
    }

    [Theory]
    [InlineData("/version/")]
    [InlineData("/v1/version/")]
    [InlineData("/v5/job-types/")]
    [InlineData("/v6/nothing/")]
    [InlineData("/apiv6/version/")]
    public async Task Unknown_paths_are_404_in_JSON_for_everybody(string path)
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal("Not found.", (await api.Get(path)).Expect(404).Detail);
        Assert.Equal("Not found.", (await api.Send(HttpMethod.Post, path, "{}", api.CreateClient(null))).Expect(404).Detail);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/openapi/v6.json")]
    [InlineData("/v6/version/")]
    [InlineData("/docs/index.html")]
    public async Task Some_paths_need_no_credentials(string path)
    {
        await using var api = await ApiFixture.Start();
        (await api.Send(HttpMethod.Get, path, client: api.CreateClient(null))).Expect(200);
    }

    [Fact]
    public async Task A_wrong_method_is_405_with_Allow()
    {
        await using var api = await ApiFixture.Start();
        var answer = (await api.Send(HttpMethod.Delete, "/v6/version/")).Expect(405);
        Assert.Equal("GET", answer.Headers["Allow"]);
        Assert.Contains("DELETE", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_works_where_GET_does()
    {
        await using var api = await ApiFixture.Start();
        var answer = (await api.Send(HttpMethod.Head, "/v6/version/")).Expect(200);
        Assert.Empty(answer.Text);
    }

    [Fact]
    public async Task An_Accept_header_without_JSON_is_406()
    {
        await using var api = await ApiFixture.Start();
        var request = new HttpRequestMessage(HttpMethod.Get, "/v6/version/") { Headers = { { "Accept", "text/html" } } };
        (await api.Send(request)).Expect(406);
        var lenient = new HttpRequestMessage(HttpMethod.Get, "/v6/version/") { Headers = { { "Accept", "text/html, */*;q=0.1" } } };
        (await api.Send(lenient)).Expect(200);
    }
}
