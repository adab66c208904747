using Scale.Api.Answers;
using Scale.Api.Tests.Requests;

namespace Scale.Api.Tests.Answers;

public sealed class PagingTests
{
    [Fact]
    public async Task Links_keep_all_other_parameters()
    {
        var page = await Page("page=2&page_size=10&status=A&status=B&name=a%20b", 25);
        Assert.Equal(25, page.Count);
        Assert.Equal("https://host/api/v6/things/?page_size=10&status=A&status=B&name=a%20b&page=3", page.Next);
        Assert.Equal("https://host/api/v6/things/?page_size=10&status=A&status=B&name=a%20b", page.Previous);
        Assert.Equal(Enumerable.Range(10, 10).Cast<object>(), page.Results);
    }

    [Theory]
    [InlineData("page=last&page_size=10", 25, 20)]
    [InlineData("", 25, 0)]
    [InlineData("page=null&page_size=null", 25, 0)]
    [InlineData("page=", 25, 0)]
    public async Task Pages_are_found(string query, int count, int first) => Assert.Equal(first, (await Page(query, count)).Results[0]);

    [Theory]
    [InlineData("page=0")]
    [InlineData("page=-1")]
    [InlineData("page=2")]
    [InlineData("page=one")]
    [InlineData("page=99999999999999999999")]
    public async Task Other_pages_are_404(string query)
    {
        var problem = await Assert.ThrowsAsync<ApiProblem>(() => Page(query, 5));
        Assert.Equal(404, problem.Status);
        Assert.Equal("Invalid page.", problem.Message);
    }

    [Theory]
    [InlineData("page_size=0", 100)]
    [InlineData("page_size=-5", 100)]
    [InlineData("page_size=many", 100)]
    [InlineData("page_size=7", 7)]
    [InlineData("page_size=100000", 1000)]
    [InlineData("page_size=99999999999999999999", 1000)]
    public async Task Page_sizes_are_never_refused(string query, int size) => Assert.Equal(size, (await Page(query, 5000)).Results.Count);

    [Fact]
    public async Task Page_1_of_nothing_is_empty()
    {
        var page = await Page("page=1", 0);
        Assert.Equal((0L, null, null), (page.Count, page.Next, page.Previous));
        Assert.Empty(page.Results);
        Assert.Empty((await Page("page=last", 0)).Results);
    }

    private static async Task<Page> Page(string query, int count) => await RequestParametersTests.Read(query).Page([.. Enumerable.Range(0, count)], n => (object)n);
}
