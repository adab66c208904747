using Scale.Api.Answers;
using Scale.Api.Tests.Requests;

namespace Scale.Api.Tests.Answers;

public sealed class OrderingTests
{
    private static readonly ColumnOrdering Columns = new ColumnOrdering("t.id", "-created").Text("job_type.name", "jt.name").By("ended", "t.ended", nullable: true).By("created", "t.created");

    [Theory]
    [InlineData("", "ORDER BY t.created DESC, t.id")]
    [InlineData("order=&order=null", "ORDER BY t.created DESC, t.id")]
    [InlineData("order=job_type__name", "ORDER BY lower(jt.name), t.id")]
    [InlineData("order=-job_type.name&order=created", "ORDER BY lower(jt.name) DESC, t.created, t.id")]
    [InlineData("order=ended", "ORDER BY (t.ended IS NULL), t.ended, t.id")]
    [InlineData("order=-ended", "ORDER BY (t.ended IS NULL) DESC, t.ended DESC, t.id")]
    [InlineData("order=-id", "ORDER BY t.id DESC")]
    [InlineData("order=created&order=-created&order=created", "ORDER BY t.created, t.id")]
    public void Fields_become_columns(string query, string clause) => Assert.Equal(clause, Columns.Clause(RequestParametersTests.Read(query)));

    [Theory]
    [InlineData("order=colour")]
    [InlineData("order=--created")]
    [InlineData("order=created%3B drop table job")]
    public void Unknown_fields_are_400(string query)
    {
        var problem = Assert.Throws<ApiProblem>(() => Columns.Clause(RequestParametersTests.Read(query)));
        Assert.Equal(400, problem.Status);
        Assert.Contains("job_type.name", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_sort_without_case_and_with_unknown_values_last()
    {
        Row[] rows = [new(1, "b", null), new(2, "A", 5), new(3, "a", 3), new(4, "C", null)];
        var ordering = new Ordering<Row>(r => r.Id, "name").By("name", r => r.Name).By("size", r => r.Size);
        long[] Ids(string query) => [.. ordering.Apply(rows.AsQueryable(), RequestParametersTests.Read(query)).Select(r => r.Id)];
        Assert.Equal([2, 3, 1, 4], Ids(""));
        Assert.Equal([4, 1, 2, 3], Ids("order=-name"));
        Assert.Equal([3, 2, 1, 4], Ids("order=size"));
        Assert.Equal([1, 4, 2, 3], Ids("order=-size"));
        Assert.Equal([4, 3, 2, 1], Ids("order=-id"));
    }

    private sealed record Row(long Id, string Name, int? Size);
}
