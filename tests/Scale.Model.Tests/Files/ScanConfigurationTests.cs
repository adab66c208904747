using System.Text.Json;
using Scale.Model.Documents;
using Scale.Model.Files;

namespace Scale.Model.Tests.Files;

public class ScanConfigurationTests
{
    private static Parsed<ScanConfiguration> Parse(string rule = """{"filename_regex":".*"}""", string scanner = """{"type":"dir"}""", string more = "") =>
        ScanConfiguration.Parse(JsonElement.Parse("{\"workspace\":\"landing\",\"scanner\":" + scanner + ",\"files_to_ingest\":[" + rule + "]" + more + "}"));

    [Fact]
    public void Defaults_are_filled_in_and_the_version_is_dropped()
    {
        var read = Parse(more: ""","version":"6" """).Required();
        Assert.Equal(
            """{"workspace":"landing","scanner":{"type":"dir"},"recursive":true,"files_to_ingest":[{"filename_regex":".*","data_types":[]}]}""", read.ToText());
        Assert.Equal(("landing", "dir", null, true, null), (read.Workspace, read.ScannerType, read.TransferSuffix, read.IsRecursive, read.Recipe));
        Assert.Equal(read.ToText(), ScanConfiguration.FromText(read.ToText()).ToText());
    }

    [Fact]
    public void Every_member_is_read_and_shown()
    {
        const string text = """
            {"workspace":"landing","scanner":{"type":"dir","transfer_suffix":".part","own":1},"recursive":false,"files_to_ingest":[{"filename_regex":".*\\.csv","data_types":["table"],"new_workspace":"archive","new_file_path":"in/csv"}],"recipe":{"name":"table-check","revision_num":2}}
            """;
        var read = ScanConfiguration.Parse(JsonElement.Parse(text)).Required();
        Assert.Equal((".part", false, new IngestRecipe("table-check", 2)), (read.TransferSuffix, read.IsRecursive, read.Recipe));
        Assert.Equal([new FileRule(".*\\.csv", ["table"], "archive", "in/csv")], read.Rules);
        Assert.Equal(JsonElement.Parse(text).ToString(), JsonElement.Parse(read.ToText()).ToString());
        Assert.Null(Parse(more: ""","recipe":{"name":"r"}""").Required().Recipe!.RevisionNum);
    }

    [Theory]
    [InlineData(""","version":"1.0" """)]
    [InlineData(""","version":"6" """)]
    [InlineData(""","version":"7" """)]
    public void Three_versions_are_read(string version) => Assert.Empty(Parse(more: version).Errors);

    [Fact]
    public void A_monitor_is_taken_for_the_scanner_where_that_is_missing()
    {
        var read = ScanConfiguration.Parse(JsonElement.Parse("""{"workspace":"w","monitor":{"type":"s3"},"files_to_ingest":[{"filename_regex":"a"}]}""")).Required();
        Assert.Equal("s3", read.ScannerType);
        Assert.StartsWith("""{"workspace":"w","scanner":{"type":"s3"}""", read.ToText());
        Assert.Equal(["/monitor"], Parse(more: ""","monitor":{"type":"s3"}""").Errors.Select(e => e.Path));
    }

    [Theory]
    [InlineData("""{"workspace":"","scanner":{"type":"dir"},"files_to_ingest":[{"filename_regex":"a"}]}""", "/workspace")]
    [InlineData("""{"scanner":{"type":"dir"},"files_to_ingest":[{"filename_regex":"a"}]}""", "/workspace")]
    [InlineData("""{"workspace":"w","files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner")]
    [InlineData("""{"workspace":"w","scanner":"dir","files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner")]
    [InlineData("""{"workspace":"w","scanner":{},"files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner/type")]
    [InlineData("""{"workspace":"w","scanner":{"type":""},"files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner/type")]
    [InlineData("""{"workspace":"w","scanner":{"type":"dir-watcher"},"files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner/type")]
    [InlineData("""{"workspace":"w","scanner":{"type":"dir","transfer_suffix":5},"files_to_ingest":[{"filename_regex":"a"}]}""", "/scanner/transfer_suffix")]
    [InlineData("""{"workspace":"w","scanner":{"type":"dir"}}""", "/files_to_ingest")]
    [InlineData("""{"workspace":"w","scanner":{"type":"dir"},"files_to_ingest":[]}""", "/files_to_ingest")]
    [InlineData("""{"workspace":"w","scanner":{"type":"dir"},"files_to_ingest":["a"]}""", "/files_to_ingest/0")]
    [InlineData("[]", "")]
    public void The_shape_is_checked(string text, string path) =>
        Assert.Equal([("INVALID_SCAN_CONFIGURATION", path)], ScanConfiguration.Parse(JsonElement.Parse(text)).Errors.Select(e => (e.Name, e.Path)));

    [Theory]
    [InlineData("""{"filename_regex":""}""", "", "/files_to_ingest/0/filename_regex")]
    [InlineData("{}", "", "/files_to_ingest/0/filename_regex")]
    [InlineData("""{"filename_regex":"a","data_types":"x"}""", "", "/files_to_ingest/0/data_types")]
    [InlineData("""{"filename_regex":"a","data_types":[""]}""", "", "/files_to_ingest/0/data_types/0")]
    [InlineData("""{"filename_regex":"a","new_workspace":""}""", "", "/files_to_ingest/0/new_workspace")]
    [InlineData("""{"filename_regex":"a","new_file_path":"/abs"}""", "", "/files_to_ingest/0/new_file_path")]
    [InlineData("""{"filename_regex":"a","new_file_path":"a/../../b"}""", "", "/files_to_ingest/0/new_file_path")]
    [InlineData("""{"filename_regex":"a","suffix":"x"}""", "", "/files_to_ingest/0/suffix")]
    [InlineData("""{"filename_regex":"a"}""", ""","recursive":"yes" """, "/recursive")]
    [InlineData("""{"filename_regex":"a"}""", ""","version":"2.0" """, "/version")]
    [InlineData("""{"filename_regex":"a"}""", ""","name":"x" """, "/name")]
    [InlineData("""{"filename_regex":"a"}""", ""","recipe":{}""", "/recipe/name")]
    [InlineData("""{"filename_regex":"a"}""", ""","recipe":{"name":"r","revision_num":"2"}""", "/recipe/revision_num")]
    [InlineData("""{"filename_regex":"a"}""", ""","recipe":{"name":"r","id":2}""", "/recipe/id")]
    public void Rules_and_recipe_are_checked(string rule, string more, string path) =>
        Assert.Equal([("INVALID_SCAN_CONFIGURATION", path)], Parse(rule, more: more).Errors.Select(e => (e.Name, e.Path)));

    [Theory]
    [InlineData("""{"type":"dir","transfer_suffix":null}""")]
    [InlineData("""{"type":"dir","transfer_suffix":""}""")]
    [InlineData("""{"type":"s3","transfer_suffix":".part"}""")]
    public void A_transfer_suffix_may_be_none(string scanner) => Assert.Null(Parse(scanner: scanner).Required().TransferSuffix);

    [Fact]
    public void A_regex_that_does_not_compile_is_shown() =>
        Assert.Equal(["Invalid file name regex: *.h5"], Parse("""{"filename_regex":"*.h5"}""").Errors.Select(e => e.Description));

    [Fact]
    public void A_new_path_is_normalised() => Assert.Equal("a/c", Parse("""{"filename_regex":".*","new_file_path":"a//b/../c"}""").Required().Rules[0].NewFilePath);

    [Theory]
    [InlineData("dir", "host", null)]
    [InlineData("dir", "nfs", null)]
    [InlineData("dir", "s3", "dir does not work with workspace landing of type s3")]
    [InlineData("s3", "s3", null)]
    [InlineData("s3", "host", "s3 does not work with workspace landing of type host")]
    public void A_scanner_works_with_one_kind_of_workspace(string scanner, string broker, string? problem) => Assert.Equal(
        problem is null ? [] : [problem],
        Parse(scanner: "{\"type\":\"" + scanner + "\"}").Required().Check(new Dictionary<string, IngestWorkspace> { ["landing"] = new(true, broker) }, (_, _) => true).Select(p => p.Description));

    [Fact]
    public void What_is_named_must_be_there_in_the_order_clients_expect()
    {
        var scan = Parse(
            """{"filename_regex":"a","new_workspace":"gone"},{"filename_regex":"b","new_workspace":"old"},{"filename_regex":"c","new_workspace":"landing"}""",
            more: ""","recipe":{"name":"r","revision_num":2}""").Required();
        var workspaces = new Dictionary<string, IngestWorkspace> { ["landing"] = new(true, "s3"), ["old"] = new(false, "host") };
        string[] rest = ["dir does not work with workspace landing of type s3", "Unknown workspace name: gone", "Workspace is not active: old"];
        Assert.Equal(["Recipe Type r does not exist", .. rest], scan.Check(workspaces, (_, _) => false).Select(p => p.Description));
        Assert.Equal(["Recipe Type r has no revision 2", .. rest], scan.Check(workspaces, (_, revision) => revision is null).Select(p => p.Description));
        Assert.Equal(rest, scan.Check(workspaces, (name, revision) => name == "r" && revision is null or 2).Select(p => p.Description));
        Assert.All(scan.Check(workspaces, (_, _) => false), p => Assert.Equal("INVALID_SCAN_CONFIGURATION", p.Name));
        Assert.Equal(["Unknown workspace name: landing"], Parse().Required().Check(new Dictionary<string, IngestWorkspace>(), (_, _) => true).Select(p => p.Description));
    }

    [Theory]
    [InlineData("txt", "a.txt", false)]
    [InlineData(".*txt", "a.txt.bak", true)]
    [InlineData("a", "ab/c", true)]
    [InlineData("A", "a", false)]
    [InlineData("^b", "a/b", true)]
    [InlineData("a/b$", "a/b", true)]
    [InlineData("c|.*b", "xb", true)]
    [InlineData("", "anything", true)]
    public void A_rule_matches_the_start_of_the_path_or_of_the_name(string regex, string path, bool matches) =>
        Assert.Equal(matches, new FileRule(regex, [], null, null).Matches(path));

    [Fact]
    public void The_first_rule_that_matches_takes_the_file()
    {
        var rules = new[] { new FileRule(".*\\.csv", [], "archive", "in/csv"), new FileRule(".*", [], null, null) };
        Assert.Same(rules[0], rules.FirstMatch("x/a.csv"));
        Assert.Same(rules[1], rules.FirstMatch("b.bin"));
        Assert.Null(rules[..1].FirstMatch("b.bin"));
        Assert.Equal("in/csv/2031/03/02/a.csv", rules[0].NewPathOf("x/a.csv", new DateTime(2031, 3, 2, 23, 0, 0, DateTimeKind.Utc)));
        Assert.Null(rules[1].NewPathOf("b.bin", default));
        Assert.Equal(rules[0], rules[0] with { });
        Assert.NotEqual(rules[0], rules[0] with { DataTypes = ["x"] });
        Assert.Throws<ArgumentException>(() => new FileRule("*", [], null, null));
    }

    [Theory]
    [InlineData("(?P<y>\\d{4})_(?P=y)", "2020_2020", true)]
    [InlineData("(?P<y>\\d{4})_(?P=y)", "2020_2021", false)]
    [InlineData("(?P<a>x)(y)\\2", "xyy", true)]
    [InlineData("(?P<a>x)(y)\\1", "xyx", true)]
    [InlineData("(?P<a>x)?(?(a)y|z)$", "xy", true)]
    [InlineData("(?P<a>x)?(?(a)y|z)$", "z", true)]
    [InlineData("a\\Z", "a", true)]
    [InlineData("a\\Z", "a\n", false)]
    [InlineData("a$", "a\n", true)]
    [InlineData("a{,2}$", "aa", true)]
    [InlineData("a{,2}$", "aaa", false)]
    [InlineData("[[a]x", "[x", true)]
    [InlineData("[]a]x", "]x", true)]
    [InlineData("[^]a]x", "]x", false)]
    [InlineData("[a-z-[aeiou]]", "-]", true)]
    [InlineData("[\\]]x", "]x", true)]
    [InlineData("\\[(?P<a>x)", "[x", true)]
    [InlineData("(?=ab)a", "ab", true)]
    [InlineData("(?<!a)b", "b", true)]
    [InlineData("(?i)ABC", "abc", true)]
    [InlineData("(?:a|b)+?c", "abac", true)]
    [InlineData("\\d+", "٣", true)]
    [InlineData("a(?#no [group)b", "ab", true)]
    [InlineData("(x)(?:y)(z)\\2", "xyzz", true)]
    public void Expressions_are_read_as_python_reads_them(string pattern, string text, bool matches) =>
        Assert.Equal(matches, PythonRegex.Compile(pattern)!.MatchesStartOf(text));

    [Theory]
    [InlineData("*.h5")]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("a)")]
    [InlineData("(?P=no)")]
    [InlineData("(?P<a>x)(?P<a>y)")]
    [InlineData("(?P<1a>x)")]
    [InlineData("(?P<a")]
    [InlineData("(?<a>x)")]
    [InlineData("(?'a'x)")]
    [InlineData("(?(no)a|b)")]
    [InlineData("(?#open")]
    [InlineData("(?=a")]
    [InlineData("\\")]
    public void What_python_refuses_does_not_compile(string pattern) => Assert.Null(PythonRegex.Compile(pattern));

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(?=(a+)+$)b")]
    [InlineData("(?P<x>a+)*(?P=x)+$")]
    public void No_expression_runs_for_ever(string pattern) => Assert.False(PythonRegex.Compile(pattern)!.MatchesStartOf(new string('a', 60) + "!"));
}
