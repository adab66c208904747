using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Files;
using Scale.Model.Tests.JobTypes;

namespace Scale.Model.Tests.Files;

/// <summary>What of an output directory becomes files and results.</summary>
public class CaptureTests
{
    [Theory]
    [InlineData("*.tif", "a.tif", true)]
    [InlineData("*.tif", "a.TIF", false)]
    [InlineData("*.tif", "a.tif.bak", false)]
    [InlineData("*.tif", "sub/a.tif", false)]
    [InlineData("*", "a.tif", true)]
    [InlineData("**", "a.tif", true)]
    [InlineData("**/*.tif", "a.tif", false)]
    [InlineData("**/*.tif", "sub/a.tif", true)]
    [InlineData("**/*.tif", "sub/sub/a.tif", false)]
    [InlineData("a/b-*/x.tif", "a/b-1/x.tif", true)]
    [InlineData("a/b-*/x.tif", "a/b-1/c/x.tif", false)]
    [InlineData("./a//x.tif", "a/x.tif", true)]
    [InlineData("a/../x.tif", "x.tif", true)]
    [InlineData("../x.tif", "x.tif", false)]
    [InlineData("/x.tif", "x.tif", false)]
    [InlineData("", "x.tif", false)]
    [InlineData("?.tif", "a.tif", true)]
    [InlineData("?.tif", "😀.tif", true)]
    [InlineData("?.tif", ".tif", false)]
    [InlineData("[ab].tif", "b.tif", true)]
    [InlineData("[ab].tif", "c.tif", false)]
    [InlineData("[!ab].tif", "c.tif", true)]
    [InlineData("[!ab].tif", "a.tif", false)]
    [InlineData("[a-c1].tif", "b.tif", true)]
    [InlineData("[a-c1].tif", "1.tif", true)]
    [InlineData("[a-].tif", "-.tif", true)]
    [InlineData("[]a].tif", "].tif", true)]
    [InlineData("[!]a].tif", "].tif", false)]
    [InlineData("[!]a].tif", "b.tif", true)]
    [InlineData("[^a].tif", "^.tif", true)]
    [InlineData("[a.tif", "[a.tif", true)]
    [InlineData("[*]", "*", true)]
    [InlineData("[*]", "a", false)]
    [InlineData("*", ".hidden", false)]
    [InlineData("?hidden", ".hidden", false)]
    [InlineData("[.]hidden", ".hidden", false)]
    [InlineData(".*", ".hidden", true)]
    [InlineData("*/a", ".dir/a", false)]
    [InlineData(".dir/*", ".dir/a", true)]
    [InlineData("*a*b*c*", "xxaxxbxxc", true)]
    [InlineData("*a*b*c*", "xxaxxcxxb", false)]
    [InlineData("a+(b).$", "a+(b).$", true)]
    [InlineData("a\\*", "a\\b", true)]
    [InlineData("*", "a.tif.metadata.json", false)]
    [InlineData("*.json", "seed.outputs.json", false)]
    [InlineData("*.json", "results_manifest.json", false)]
    [InlineData("*/*.json", "sub/seed.outputs.json", false)]
    [InlineData("*.json", "my.results_manifest.json", true)]
    public void A_pattern_takes_names_as_a_shell_does_but_never_descends(string pattern, string path, bool isMatch)
    {
        Assert.Equal(isMatch, OutputPattern.IsMatch(pattern, path));
        Assert.Equal(isMatch ? [path] : [], OutputPattern.Match(pattern, [path]));
    }

    [Fact]
    public void Matches_are_ordered_by_path() =>
        Assert.Equal(["B.tif", "a.tif", "b.tif", "é.tif"], OutputPattern.Match("*.tif", ["é.tif", "b.tif", "x.csv", "a.tif", "B.tif", "c/a.tif"]));

    [Fact]
    public void A_side_car_lies_beside_its_file() => Assert.Equal("a/b.tif.metadata.json", OutputPattern.SideCarOf("a/b.tif"));

    [Fact]
    public void Patterns_match_what_a_slow_matcher_matches()
    {
        var pieces = Gen.Elements("a", "b", "*", "?", "[ab]", "[!a]", ".");
        var names = Gen.Elements("a", "b", "c", ".").ArrayOf().Select(string.Concat);
        // The slow matcher tries every way to share out the name: short ones only.
        var cases = Gen.Zip(pieces.ArrayOf(), names).Select(c => (Pattern: c.Item1[..Math.Min(6, c.Item1.Length)], Name: c.Item2[..Math.Min(8, c.Item2.Length)])).ToArbitrary();
        Prop.ForAll(cases, c =>
        {
            // "." and ".." are steps of a path, not names.
            var pattern = string.Concat(c.Pattern);
            return pattern is "" or "." or ".." || c.Name is "" or "." or ".."
                || OutputPattern.IsMatch(pattern, c.Name) == (Slow(c.Pattern, c.Name) && (!c.Name.StartsWith('.') || pattern.StartsWith('.')));
        }).QuickCheckThrowOnFailure();
    }

    private static bool Slow(ReadOnlySpan<string> pattern, string name) => pattern.Length == 0
        ? name.Length == 0
        : pattern[0] == "*"
            ? Slow(pattern[1..], name) || (name.Length > 0 && Slow(pattern, name[1..]))
            : name.Length > 0 && Slow(pattern[1..], name[1..]) && pattern[0] switch
            {
                "?" => true,
                "[ab]" => name[0] is 'a' or 'b',
                "[!a]" => name[0] != 'a',
                var literal => name[0] == literal[0],
            };

    [Fact]
    public void A_pattern_of_many_stars_is_as_quick_as_any() =>
        Assert.False(OutputPattern.IsMatch(string.Concat(Enumerable.Repeat("*a", 100)) + "b", new string('a', 250)));

    private static readonly string Outputs =
        """{"outputs":{"json":[{"name":"lines","key":"n","type":"integer"},{"name":"note","type":"string","required":false}]}}""";

    [Theory]
    [InlineData("""{"n":5}""", "lines=5")]
    [InlineData("""{"n":5,"note":"x","other":[1]}""", "lines=5 note=\"x\"")]
    [InlineData("""{"n":5,"note":null}""", "lines=5")]
    [InlineData("\uFEFF{\"n\":5}", "lines=5")]
    [InlineData("""{"n":null}""", "!missing-required-output")]
    [InlineData("""{"N":5}""", "!missing-required-output")]
    [InlineData("""{"lines":5}""", "!missing-required-output")]
    [InlineData("{}", "!missing-required-output")]
    [InlineData(null, "!missing-required-output")]
    [InlineData("""{"n":"5"}""", "!invalid-results-manifest")]
    [InlineData("""{"n":5.5}""", "!invalid-results-manifest")]
    [InlineData("""{"n":5,"note":1}""", "!invalid-results-manifest")]
    [InlineData("""{"n":5,"n":6}""", "!invalid-results-manifest")]
    [InlineData("[]", "!invalid-results-manifest")]
    [InlineData("{", "!invalid-results-manifest")]
    [InlineData("", "!invalid-results-manifest")]
    [InlineData("""{"n":5,"note":"\ud800"}""", "!invalid-results-manifest")]
    public void Results_are_read_by_key_and_kept_by_name(string? content, string expected)
    {
        var read = OutputsDocument.Read(SeedJson.Read("{}", Outputs), content is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(content));
        Assert.Equal(expected, read.IsValid ? string.Join(' ', read.Values.Select(v => $"{v.Key}={v.Value.GetRawText()}")) : "!" + read.ErrorName);
        Assert.Equal(read.IsValid, read.Reason is null);
    }

    [Theory]
    [InlineData("array", "[]", "{}")]
    [InlineData("boolean", "false", "0")]
    [InlineData("integer", "-7", "true")]
    [InlineData("number", "1e3", "\"1\"")]
    [InlineData("object", "{}", "[]")]
    [InlineData("string", "\"\"", "5")]
    public void A_result_must_be_of_its_declared_type(string type, string fits, string doesNot)
    {
        var manifest = SeedJson.Read("{}", "{\"outputs\":{\"json\":[{\"name\":\"V\",\"type\":\"" + type + "\"}]}}");
        Assert.True(OutputsDocument.Read(manifest, Encoding.UTF8.GetBytes("{\"V\":" + fits + "}")).IsValid);
        Assert.Equal("invalid-results-manifest", OutputsDocument.Read(manifest, Encoding.UTF8.GetBytes("{\"V\":" + doesNot + "}")).ErrorName);
    }

    [Fact]
    public void No_file_is_fine_when_nothing_is_required() =>
        Assert.True(OutputsDocument.Read(SeedJson.Read("{}", """{"outputs":{"json":[{"name":"V","type":"string","required":false}]}}"""), null).IsValid);

    private static FileMetadataResult Metadata(string text) => FileMetadata.Parse(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_feature_says_everything_about_its_file()
    {
        var metadata = Metadata(
            """
            {"type":"Feature","geometry":{"type":"Point","coordinates":[10.5,-3,100]},"properties":{"dataStarted":"2020-01-01T00:00:00Z","dataEnded":"2020-01-01T02:00:00+02:00",
             "sourceStarted":"2020-01-01 00:00:01.5Z","sourceEnded":"2020-01-01T00:00-0530","sourceSensorClass":"c","sourceSensor":"s","sourceCollection":"k","sourceTask":"t",
             "dataTypes":["x","y","x",1,""],"newWorkspacePath":"in/new","more":{"a":1}}}
            """).Metadata!;
        Assert.Equal(new Geometry("POINT (10.5 -3)", "POINT (10.5 -3)"), metadata.Geometry);
        var day = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal((day, day, day.AddSeconds(1.5), day.AddHours(5.5)), (metadata.DataStarted, metadata.DataEnded, metadata.SourceStarted, metadata.SourceEnded));
        Assert.Equal(DateTimeKind.Utc, metadata.DataEnded!.Value.Kind);
        Assert.Equal(("c", "s", "k", "t"), (metadata.SourceSensorClass, metadata.SourceSensor, metadata.SourceCollection, metadata.SourceTask));
        Assert.Equal(["x", "y"], metadata.DataTypes);
        Assert.Equal("in/new", metadata.NewWorkspacePath);
        Assert.Equal(1, JsonElement.Parse(metadata.PropertiesText).GetProperty("more").GetProperty("a").GetInt32());
    }

    [Theory]
    [InlineData("""{"type":"Feature","geometry":null,"properties":null}""")]
    [InlineData("""{"type":"Feature"}""")]
    [InlineData("""{"type":"Feature","geometry":null,"properties":{"dataStarted":"2020-01-01T00:00:00","dataEnded":"yesterday","sourceStarted":5,"sourceEnded":"2020-13-01T00:00:00Z","sourceSensor":[],"dataTypes":"x","newWorkspacePath":""}}""")]
    [InlineData("\uFEFF{\"type\":\"Feature\"}")]
    public void What_is_missing_or_cannot_be_read_counts_as_not_given(string text)
    {
        var metadata = Metadata(text).Metadata!;
        Assert.Null(metadata.Geometry);
        Assert.Equal((null, null), metadata.DataTimes);
        Assert.Equal((null, null, null, null), (metadata.SourceStarted, metadata.SourceEnded, metadata.SourceSensor, metadata.NewWorkspacePath));
        Assert.Empty(metadata.DataTypes);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00.123456789Z", true)]
    [InlineData("0001-01-01T00:00:00+14:00", false)]
    [InlineData("2020-01-01T00:00:00+99:00", false)]
    [InlineData("2020-01-01", false)]
    [InlineData("2020-01-01T25:00:00Z", false)]
    public void A_time_needs_a_zone_and_must_exist(string time, bool isRead) =>
        Assert.Equal(isRead, Metadata("""{"type":"Feature","properties":{"dataStarted":"TIME"}}""".Replace("TIME", time)).Metadata!.DataStarted is not null);

    [Theory]
    [InlineData("dataStarted")]
    [InlineData("dataEnded")]
    public void One_time_stands_for_both(string member)
    {
        var time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal((time, time), Metadata("""{"type":"Feature","properties":{"MEMBER":"2020-01-01T00:00:00Z"}}""".Replace("MEMBER", member)).Metadata!.DataTimes);
    }

    [Theory]
    [InlineData("""{"type":"FeatureCollection","features":[]}""")]
    [InlineData("""{"type":"GeometryCollection","geometries":[]}""")]
    [InlineData("""{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[]}}""")]
    [InlineData("""{"type":"Feature","properties":[]}""")]
    [InlineData("""{"type":5}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("""{"type":"Feature","properties":{"a":"\u0000"}}""")]
    public void An_invalid_side_car_is_ignored(string text)
    {
        var result = Metadata(text);
        Assert.Null(result.Metadata);
        Assert.False(result.IsBrokenGeometry);
        Assert.NotEmpty(result.Problem!);
    }

    [Theory]
    [InlineData("""{"type":"Point"}""")]
    [InlineData("""{"type":5,"coordinates":[1,2]}""")]
    [InlineData("""{"type":null,"coordinates":[1,2]}""")]
    [InlineData("""{"coordinates":[1,2]}""")]
    [InlineData("""{"type":"Circle","coordinates":[1,2]}""")]
    [InlineData("""{"type":"Point","coordinates":[1]}""")]
    [InlineData("""{"type":"Point","coordinates":["1","2"]}""")]
    [InlineData("""{"type":"Point","coordinates":{}}""")]
    [InlineData("""{"type":"Point","coordinates":[1e999,2]}""")]
    [InlineData("""{"type":"MultiPoint","coordinates":[[1e308,2],[1e308,2]]}""")]
    [InlineData("""{"type":"MultiPoint","coordinates":[]}""")]
    [InlineData("""{"type":"LineString","coordinates":[[1,2]]}""")]
    [InlineData("""{"type":"LineString","coordinates":[[1e200,2],[-1e200,2]]}""")]
    [InlineData("""{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,1]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[]]}""")]
    [InlineData("\"POINT (1 2)\"")]
    public void A_geometry_that_cannot_be_built_is_broken(string geometry)
    {
        var result = Metadata("{\"type\":\"Feature\",\"geometry\":" + geometry + "}");
        Assert.True(result.IsBrokenGeometry, result.Metadata?.Geometry?.ToString() ?? result.Problem);
        Assert.Null(result.Metadata);
        Assert.NotEmpty(result.Problem!);
    }

    [Theory]
    [InlineData("""{"type":"Point","coordinates":[1.5,2]}""", "POINT (1.5 2)", "POINT (1.5 2)")]
    [InlineData("""{"type":"MultiPoint","coordinates":[[0,0],[2,4]]}""", "MULTIPOINT (0 0, 2 4)", "POINT (1 2)")]
    [InlineData("""{"type":"LineString","coordinates":[[0,0],[2,0],[2,2]]}""", "LINESTRING (0 0, 2 0, 2 2)", "POINT (1.5 0.5)")]
    [InlineData("""{"type":"LineString","coordinates":[[3,3],[3,3]]}""", "LINESTRING (3 3, 3 3)", "POINT (3 3)")]
    [InlineData("""{"type":"MultiLineString","coordinates":[[[0,0],[2,0]],[[0,2],[2,2]]]}""", "MULTILINESTRING ((0 0, 2 0), (0 2, 2 2))", "POINT (1 1)")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,2],[0,2],[0,0]]]}""", "POLYGON ((0 0, 4 0, 4 2, 0 2, 0 0))", "POINT (2 1)")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[0,2],[4,2],[4,0],[0,0]]]}""", "POLYGON ((0 0, 0 2, 4 2, 4 0, 0 0))", "POINT (2 1)")]
    [InlineData(
        """{"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[0,0],[2,0],[2,4],[0,4],[0,0]]]}""",
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (0 0, 2 0, 2 4, 0 4, 0 0))", "POINT (3 2)")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[2,2],[4,4],[0,0]]]}""", "POLYGON ((0 0, 2 2, 4 4, 0 0))", "POINT (2 2)")]
    [InlineData(
        """{"type":"MultiPolygon","coordinates":[[[[0,0],[2,0],[2,2],[0,2],[0,0]]],[[[4,0],[6,0],[6,2],[4,2],[4,0]]]]}""",
        "MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((4 0, 6 0, 6 2, 4 2, 4 0)))", "POINT (3 1)")]
    public void A_geometry_has_its_text_and_centre(string geometry, string wkt, string center)
    {
        Assert.Equal(new Geometry(wkt, center), Metadata("{\"type\":\"Feature\",\"geometry\":" + geometry + "}").Metadata!.Geometry);
        var bare = Metadata(geometry).Metadata!;
        Assert.Equal(wkt, bare.Geometry!.Wkt);
        Assert.Equal("{}", bare.PropertiesText);
    }

    [Fact]
    public void What_is_known_of_the_making_overrules_what_a_side_car_says()
    {
        var metadata = Metadata("""{"type":"Feature","properties":{"url":"theirs","more":1,"job_name":"x"}}""").Metadata;
        Assert.Equal("""{"url":"ours","more":1,"job_name":"j","job_version":"1.0.0","package_version":"1.0.1"}""", FileMetadata.MetaDataOf(metadata, "ours", "j", "1.0.0", "1.0.1"));
        Assert.Equal("""{"url":null,"job_name":"j","job_version":"1.0.0","package_version":"1.0.1"}""", FileMetadata.MetaDataOf(null, null, "j", "1.0.0", "1.0.1"));
    }
}
