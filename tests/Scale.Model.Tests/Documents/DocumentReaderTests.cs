using System.Text.Json;
using Scale.Model.Documents;

namespace Scale.Model.Tests.Documents;

public class DocumentReaderTests
{
    private static string[] Read(string text, Action<DocumentReader> read, bool nullIsAbsent = false)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(JsonElement.Parse(text), "BAD", problems, nullIsAbsent) is { } root)
        {
            read(root);
        }

        return problems.Select(p => p.Text).ToArray();
    }

    [Theory]
    [InlineData("[]", "must be an object, not an array")]
    [InlineData("null", "must be an object, not null")]
    [InlineData("\"text\"", "must be an object, not a string")]
    [InlineData("true", "must be an object, not a boolean")]
    [InlineData("12", "must be an object, not the number 12")]
    public void What_is_no_object_is_not_opened(string text, string problem) =>
        Assert.Equal([problem], Read(text, _ => Assert.Fail("was opened")));

    [Fact]
    public void An_undefined_value_is_not_opened()
    {
        var problems = new List<Problem>();
        Assert.Null(DocumentReader.Open(default, "BAD", problems));
        Assert.Equal([new Problem("BAD", "", "must be an object, not missing")], problems);
    }

    [Theory]
    [InlineData("""{"a":"half \ud800"}""", "/a: holds half of a surrogate pair")]
    [InlineData("""{"a":[0,"nul \u0000"]}""", "/a/1: holds the NUL character")]
    [InlineData("""{"a":{"b\u0000":1}}""", "/a: a member name holds the NUL character")]
    [InlineData("""{"\udc00":1}""", "a member name holds half of a surrogate pair")]
    [InlineData("""{"a":{"x/y":1,"x/y":2}}""", "/a/x~1y: is given twice")]
    public void What_cannot_be_stored_or_told_apart_is_not_opened(string text, string problem) =>
        Assert.Equal([problem], Read(text, _ => Assert.Fail("was opened")));

    [Fact]
    public void All_problems_are_collected_with_their_pointer() => Assert.Equal(
        [
            "/text: must be a string, not the number 1",
            "/flag: must be a boolean, not a string",
            "/count: must be an integer, not the number 1.5",
            "/big: 3000000000 is outside -2147483648..2147483647",
            "/size: is too large a number",
            "/inner/needed: is required",
            "/list/1: must be a string, not null",
            "/list/2: must not be empty",
            "/ids/1: must be an integer, not the number 2.5",
            "/items/0: must be an object, not the number 1",
            "/map/b: must be a string, not an array",
            "/none: must be an array, not an object",
            "/x~0y~1z: is not a member known here",
        ],
        Read(
            """
            {"text":1,"flag":"yes","count":1.5,"big":3000000000,"size":1e999,"inner":{},"list":["a",null,""],"ids":[1,2.5],"items":[1,{}],
             "map":{"a":"b","b":[]},"none":{},"x~y/z":0}
            """,
            root =>
            {
                Assert.Equal("", root.RequiredString("text"));
                Assert.True(root.Boolean("flag", absent: true));
                Assert.Null(root.Integer("count"));
                Assert.Null(root.Integer("big"));
                Assert.Null(root.Number("size"));
                Assert.False(root.Object("inner")!.TryRequiredString("needed", out _));
                Assert.Equal(["a"], root.Strings("list", allowEmpty: false));
                Assert.Equal([1L], root.Longs("ids"));
                Assert.Single(root.Objects("items"));
                Assert.Equal(new Dictionary<string, string> { ["a"] = "b" }, root.StringMap("map"));
                Assert.Empty(root.Elements("none"));
                root.Close();
            }));

    [Theory]
    [InlineData("60", 60)]
    [InlineData("60.0", 60)]
    [InlineData("6e1", 60)]
    [InlineData("-0", 0)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("1e999", null)]
    public void A_whole_number_may_be_spelled_in_any_way(string number, int? value) =>
        Read($$"""{"n":{{number}}}""", root => Assert.Equal(value, root.Integer("n")));

    [Theory]
    [InlineData(true, new[] { "/a: is required" })]
    [InlineData(false, new[] { "/a: must be a string, not null" })]
    public void Null_is_a_missing_member_only_where_that_was_asked_for(bool nullIsAbsent, string[] problems) =>
        Assert.Equal(problems, Read("""{"a":null}""", root => root.RequiredString("a"), nullIsAbsent));

    [Fact]
    public void Absent_members_are_only_a_problem_when_required()
    {
        Assert.Empty(Read("{}", root =>
        {
            Assert.Null(root.Any("a"));
            Assert.Null(root.OptionalString("a"));
            Assert.Null(root.Integer("a"));
            Assert.Null(root.Number("a"));
            Assert.Null(root.Object("a"));
            Assert.Empty(root.Objects("a"));
            Assert.False(root.Has("a"));
            Assert.False(root.Boolean("a", absent: false));
        }));
        Assert.Equal(Enumerable.Repeat("/a: is required", 6), Read("{}", root =>
        {
            root.Any("a", required: true);
            root.Integer("a", required: true);
            root.Number("a", required: true);
            root.Object("a", required: true);
            root.Strings("a", required: true);
            root.Longs("a", required: true);
        }));
    }

    [Fact]
    public void Only_members_nobody_asked_for_are_unknown_and_each_once() => Assert.Equal(
        ["/d: is not a member known here"],
        Read("""{"a":1,"b":2,"c":3,"d":4}""", root =>
        {
            root.Has("a");
            root.Ignore("b");
            root.Integer("c");
            root.Close();
            root.Close();
        }));

    [Fact]
    public void A_problem_may_carry_a_name_of_its_own()
    {
        var problems = new List<Problem>();
        var root = DocumentReader.Open(JsonElement.Parse("{}"), "BAD", problems)!;
        root.Report("", "as a whole", "WORSE");
        root.Report("a", "member");
        Assert.Equal([new Problem("WORSE", "", "as a whole"), new Problem("BAD", "/a", "member")], problems);
    }

    [Fact]
    public void A_document_with_errors_cannot_be_had_and_says_them_all()
    {
        var parsed = new Parsed<string>(null, [new Problem("A", "/x", "is bad"), new Problem("B", "", "is worse")], []);
        Assert.False(parsed.IsValid);
        var thrown = Assert.Throws<DocumentException>(parsed.Required);
        Assert.Equal("/x: is bad; is worse", thrown.Message);
        Assert.Equal(["A", "B"], thrown.Problems.Select(p => p.Name));
        Assert.Equal("text", new Parsed<string>("text", [], []).Required());
    }
}
