using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Tests.JobTypes;

public class SeedManifestTests
{
    private static (string Name, string Path)[] Errors(string job = "{}", string application = "{}") => Places(SeedJson.Parse(job, application).Errors);

    private static (string Name, string Path)[] Warnings(string job = "{}", string application = "{}") => Places(SeedJson.Parse(job, application).Warnings);

    private static (string Name, string Path)[] Places(IEnumerable<Problem> problems) => problems.Select(p => (p.Name, p.Path)).ToArray();

    [Fact]
    public void The_smallest_manifest_has_nothing_but_its_names()
    {
        var manifest = SeedJson.Read();
        Assert.Equal(("count-lines", "0.2.0", "0.2.1", 60, ""), (manifest.Name, manifest.JobVersion, manifest.PackageVersion, manifest.Timeout, manifest.Command));
        Assert.Equal(new SeedMaintainer("Ann Doe", "ann@example.org", null, null, null), manifest.Maintainer);
        Assert.Empty(manifest.FileInputs);
        Assert.Empty(manifest.Resources);
        Assert.Empty(manifest.Errors);
        Assert.Equal(JsonNode.Parse(SeedJson.Text())!.ToJsonString(), manifest.NormalForm);
    }

    [Fact]
    public void Every_member_is_read()
    {
        var manifest = SeedJson.Read(
            """
            {"tags":["a","b"],"maintainer":{"name":"n","email":"e","organization":"o","url":"u","phone":"p"},
             "resources":{"scalar":[{"name":"cpus","value":1.5},{"name":"sharedMem","value":5,"inputMultiplier":0.5}]},
             "errors":[{"code":3,"name":"not-text","title":"Not text","description":"d","category":"data"},{"code":4,"name":"other"}]}
            """,
            """
            {"command":"${IN}","inputs":{"files":[{"name":"IN","required":false,"mediaTypes":["text/plain"],"multiple":true,"partial":true}],
             "json":[{"name":"N","type":"number","required":false}]},
             "outputs":{"files":[{"name":"OUT","pattern":"*.csv","mediaType":"text/csv","multiple":true,"required":false}],
             "json":[{"name":"lines","type":"integer","key":"n","required":false},{"name":"words","type":"array"}]},
             "mounts":[{"name":"dem","path":"/dem","mode":"rw"},{"name":"ref","path":"/ref"}],
             "settings":[{"name":"HOST"},{"name":"KEY","secret":true}]}
            """);
        Assert.Equal(["a", "b"], manifest.Tags);
        Assert.Equal(new SeedMaintainer("n", "e", "o", "u", "p"), manifest.Maintainer);
        Assert.Equal([new SeedResource("cpus", 1.5, null), new SeedResource("sharedmem", 5, 0.5)], manifest.Resources);
        Assert.Equal([new SeedError(3, "not-text", "Not text", "d", true), new SeedError(4, "other", "other", null, false)], manifest.Errors);
        Assert.Equal(("IN", false, true, true), manifest.FileInputs.Select(f => (f.Name, f.Required, f.Multiple, f.Partial)).Single());
        Assert.Equal(["text/plain"], manifest.FileInputs[0].MediaTypes);
        Assert.Equal([new SeedJsonInput("N", JsonType.Number, false)], manifest.JsonInputs);
        Assert.Equal([new SeedFileOutput("OUT", "*.csv", "text/csv", true, false)], manifest.FileOutputs);
        Assert.Equal([new SeedJsonOutput("lines", JsonType.Integer, "n", false), new SeedJsonOutput("words", JsonType.Array, "words", true)], manifest.JsonOutputs);
        Assert.Equal([new SeedMount("dem", "/dem", true), new SeedMount("ref", "/ref", false)], manifest.Mounts);
        Assert.Equal([new SeedSetting("HOST", false), new SeedSetting("KEY", true)], manifest.Settings);
        Assert.Equal(["IN"], manifest.InputInterface.Files.Select(f => f.Name));
        Assert.Equal(["text/csv"], manifest.OutputInterface.Files.Single().MediaTypes);
        Assert.Equal(["lines", "words"], manifest.OutputInterface.Json.Select(j => j.Name));
    }

    [Theory]
    [InlineData("""{"name":"under_score"}""", "{}", "/job/name")]
    [InlineData("""{"name":"line\n"}""", "{}", "/job/name")]
    [InlineData("""{"name":""}""", "{}", "/job/name")]
    [InlineData("""{"name":"REMOVE"}""", "{}", "/job/name")]
    [InlineData("""{"name":5}""", "{}", "/job/name")]
    [InlineData("""{"name":"a23456789-123456789-123456789-123456789-123456789-1"}""", "{}", "/job/name")]
    [InlineData("""{"jobVersion":"1.0"}""", "{}", "/job/jobVersion")]
    [InlineData("""{"packageVersion":"v1.0.0"}""", "{}", "/job/packageVersion")]
    [InlineData("""{"packageVersion":"1.0.0-123456789.123456789.123456789.123456789.12345"}""", "{}", "/job/packageVersion")]
    [InlineData("""{"title":"REMOVE"}""", "{}", "/job/title")]
    [InlineData("""{"description":null}""", "{}", "/job/description")]
    [InlineData("""{"tags":["a",1]}""", "{}", "/job/tags/1")]
    [InlineData("""{"tags":["a23456789-123456789-123456789-123456789-123456789-1"]}""", "{}", "/job/tags")]
    [InlineData("""{"maintainer":"REMOVE"}""", "{}", "/job/maintainer")]
    [InlineData("""{"maintainer":{"name":"n"}}""", "{}", "/job/maintainer/email")]
    [InlineData("""{"maintainer":{"name":"n","email":"e","fax":"1"}}""", "{}", "/job/maintainer/fax")]
    [InlineData("""{"timeout":1.5}""", "{}", "/job/timeout")]
    [InlineData("""{"timeout":"60"}""", "{}", "/job/timeout")]
    [InlineData("""{"timeout":"REMOVE"}""", "{}", "/job/timeout")]
    [InlineData("""{"resources":[]}""", "{}", "/job/resources")]
    [InlineData("""{"resources":{"vector":[]}}""", "{}", "/job/resources/vector")]
    [InlineData("""{"resources":{"scalar":[{"name":"cpus"}]}}""", "{}", "/job/resources/scalar/0/value")]
    [InlineData("""{"resources":{"scalar":[{"name":"c p","value":1}]}}""", "{}", "/job/resources/scalar/0/name")]
    [InlineData("""{"resources":{"scalar":[{"name":"gpus","value":1.1}]}}""", "{}", "/job/resources/scalar/0/value")]
    [InlineData("""{"resources":{"scalar":[{"name":"GPUS","value":1.1}]}}""", "{}", "/job/resources/scalar/0/value")]
    [InlineData("""{"resources":{"scalar":[{"name":"mem","value":1,"inputMultiplier":"2"}]}}""", "{}", "/job/resources/scalar/0/inputMultiplier")]
    [InlineData("""{"errors":[{"code":3}]}""", "{}", "/job/errors/0/name")]
    [InlineData("""{"errors":[{"name":"a"}]}""", "{}", "/job/errors/0/code")]
    [InlineData("""{"errors":[{"code":1,"name":"a","category":"system"}]}""", "{}", "/job/errors/0/category")]
    [InlineData("""{"errors":[{"code":1,"name":"a","exit":2}]}""", "{}", "/job/errors/0/exit")]
    [InlineData("""{"errors":[{"code":1,"name":"a","title":"a23456789-123456789-123456789-123456789-123456789-1"}]}""", "{}", "/job/errors/0/title")]
    [InlineData("""{"icon":"x"}""", "{}", "/job/icon")]
    [InlineData("{}", """{"command":null}""", "/job/interface/command")]
    [InlineData("{}", """{"env":{}}""", "/job/interface/env")]
    [InlineData("{}", """{"inputs":[]}""", "/job/interface/inputs")]
    [InlineData("{}", """{"inputs":{"text":[]}}""", "/job/interface/inputs/text")]
    [InlineData("{}", """{"inputs":{"files":{}}}""", "/job/interface/inputs/files")]
    [InlineData("{}", """{"inputs":{"files":[{"name":"a b"}]}}""", "/job/interface/inputs/files/0/name")]
    [InlineData("{}", """{"inputs":{"files":[{"name":"a","pattern":"*"}]}}""", "/job/interface/inputs/files/0/pattern")]
    [InlineData("{}", """{"inputs":{"files":[{"name":"a","required":"no"}]}}""", "/job/interface/inputs/files/0/required")]
    [InlineData("{}", """{"inputs":{"json":[{"name":"a"}]}}""", "/job/interface/inputs/json/0/type")]
    [InlineData("{}", """{"inputs":{"json":[{"name":"a","type":"text"}]}}""", "/job/interface/inputs/json/0/type")]
    [InlineData("{}", """{"outputs":{"files":[{"name":"a"}]}}""", "/job/interface/outputs/files/0/pattern")]
    [InlineData("{}", """{"outputs":{"json":[{"name":"a","type":"string","key":1}]}}""", "/job/interface/outputs/json/0/key")]
    [InlineData("{}", """{"mounts":[{"name":"a"}]}""", "/job/interface/mounts/0/path")]
    [InlineData("{}", """{"mounts":[{"name":"a","path":"/a","mode":"x"}]}""", "/job/interface/mounts/0/mode")]
    [InlineData("{}", """{"settings":[{"name":"a","secret":1}]}""", "/job/interface/settings/0/secret")]
    public void What_breaks_the_grammar_is_named_with_its_place(string job, string application, string path) =>
        Assert.Equal([("JSON_VALIDATION_ERROR", path)], Errors(job, application));

    [Fact]
    public void An_error_description_has_a_bound() =>
        Assert.Equal([("JSON_VALIDATION_ERROR", "/job/errors/0/description")], Errors($$"""{"errors":[{"code":1,"name":"a","description":"{{new string('x', 251)}}"}]}"""));

    [Theory]
    [InlineData("""{"job":{}}""", "/seedVersion")]
    [InlineData("""{"seedVersion":"1.0.1"}""", "/seedVersion")]
    [InlineData("""{"seedVersion":""}""", "/seedVersion")]
    [InlineData("""{"seedVersion":1}""", "/seedVersion")]
    [InlineData("""{"seedVersion":"1.0.0"}""", "/job")]
    [InlineData("""{"seedVersion":"1.0.0","job":[]}""", "/job")]
    [InlineData("""{"seedVersion":"1.0.0","jobs":{}}""", "/jobs")]
    [InlineData("[]", "")]
    [InlineData("\"not json\"", "")]
    public void The_root_is_closed_and_of_version_1(string text, string path) =>
        Assert.Contains(("JSON_VALIDATION_ERROR", path), Places(SeedManifest.Parse(JsonElement.Parse(text)).Errors));

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"1.0.1\"")]
    [InlineData("null")]
    public void Only_one_version_of_seed_is_read(string version) =>
        Assert.Equal(
            [("JSON_VALIDATION_ERROR", "/seedVersion")],
            Places(SeedManifest.Parse(JsonElement.Parse(SeedJson.Text().Replace("\"seedVersion\":\"1.0.0\"", "\"seedVersion\":" + version))).Errors));

    [Fact]
    public void A_manifest_may_come_as_the_text_of_an_image_label()
    {
        var label = JsonSerializer.SerializeToElement(SeedJson.Text());
        Assert.Equal("count-lines", SeedManifest.Parse(label).Required().Name);
        Assert.Equal([("JSON_VALIDATION_ERROR", "")], Places(SeedManifest.Parse(JsonSerializer.SerializeToElement("{")).Errors));
        Assert.Equal([("JSON_VALIDATION_ERROR", "")], Places(SeedManifest.Parse(JsonElement.Parse("\"\\ud800\"")).Errors));
    }

    [Theory]
    [InlineData("""{"resources":{}}""", "{}")]
    [InlineData("""{"resources":{"scalar":[]},"errors":[],"tags":[]}""", """{"inputs":{},"outputs":{}}""")]
    [InlineData("""{"resources":{"scalar":[{"name":"gpus","value":2.0}]}}""", """{"inputs":{"json":[]},"outputs":{"files":[]},"mounts":[]}""")]
    [InlineData("""{"timeout":60.0}""", """{"command":""}""")]
    [InlineData("""{"errors":[{"code":3,"name":"a"},{"code":0,"name":"c"}]}""", "{}")]
    [InlineData("""{"resources":{"scalar":[{"name":"f-1","value":1}]}}""", """{"command":"$A_B ${s_1} $S_1 $J $OUTPUT_DIR $INPUT_METADATA $ALLOCATED_MEM $ALLOCATED_F_1 \\$X","inputs":{"files":[{"name":"a-b"}],"json":[{"name":"j","type":"string"}]},"settings":[{"name":"s_1"}]}""")]
    [InlineData("{}", """{"inputs":{"files":[{"name":"A"}]},"outputs":{"files":[{"name":"A","pattern":"*"}]},"mounts":[{"name":"A","path":"/a"}]}""")]
    public void What_the_grammar_leaves_open_is_accepted(string job, string application)
    {
        Assert.Empty(Errors(job, application));
        Assert.Empty(Warnings(job, application));
    }

    [Theory]
    [InlineData("""{"inputs":{"files":[{"name":"a-b"}],"json":[{"name":"A_B","type":"string"}]}}""", "/job/interface/inputs/json/0/name")]
    [InlineData("""{"settings":[{"name":"x"}],"inputs":{"files":[{"name":"X"}]}}""", "/job/interface/inputs/files/0/name")]
    [InlineData("""{"settings":[{"name":"x"},{"name":"x"}]}""", "/job/interface/settings/1/name")]
    [InlineData("""{"settings":[{"name":"output-dir"}]}""", "/job/interface/settings/0/name")]
    [InlineData("""{"outputs":{"files":[{"name":"a","pattern":"*"},{"name":"a","pattern":"*"}]}}""", "/job/interface/outputs/files/1/name")]
    [InlineData("""{"outputs":{"files":[{"name":"a","pattern":"*"}],"json":[{"name":"a","type":"string"}]}}""", "/job/interface/outputs/json/0/name")]
    public void Names_that_share_a_variable_collide(string application, string path) => Assert.Equal([("NAME_COLLISION_ERROR", path)], Errors("{}", application));

    [Theory]
    [InlineData("""[{"name":"mem","value":1},{"name":"MEM","value":2}]""", "{}", "/job/resources/scalar/1/name")]
    [InlineData("""[{"name":"a-b","value":1},{"name":"a_b","value":2}]""", "{}", "/job/resources/scalar/1/name")]
    [InlineData("""[{"name":"mem","value":1}]""", """{"settings":[{"name":"allocated_mem"}]}""", "/job/resources/scalar/0/name")]
    public void Resources_collide_by_the_variable_that_tells_their_amount(string scalars, string application, string path) =>
        Assert.Equal([("NAME_COLLISION_ERROR", path)], Errors("{\"resources\":{\"scalar\":" + scalars + "}}", application));

    [Theory]
    [InlineData("{}", """{"mounts":[{"name":"a","path":"/a"},{"name":"a","path":"/b"}]}""", "DUPLICATE_MOUNT_NAMES", "/job/interface/mounts/1/name")]
    [InlineData("{}", """{"mounts":[{"name":"a","path":"a"}]}""", "INVALID_MOUNT_PATH", "/job/interface/mounts/0/path")]
    [InlineData("{}", """{"mounts":[{"name":"a","path":""}]}""", "INVALID_MOUNT_PATH", "/job/interface/mounts/0/path")]
    [InlineData("""{"errors":[{"code":1,"name":"a"},{"code":2,"name":"a"}]}""", "{}", "DUPLICATE_ERROR_NAMES", "/job/errors/1/name")]
    public void Mounts_and_errors_have_rules_of_their_own(string job, string application, string name, string path) => Assert.Equal([(name, path)], Errors(job, application));

    [Theory]
    [InlineData("{}", """{"settings":[{"name":"scale-job-id"}]}""", "RESERVED_NAME", "/job/interface/settings/0/name")]
    [InlineData("{}", """{"inputs":{"files":[{"name":"INPUT_METADATA"}]}}""", "RESERVED_NAME", "/job/interface/inputs/files/0/name")]
    [InlineData("{}", """{"inputs":{"json":[{"name":"Scale_Exe_Num","type":"integer"}]}}""", "RESERVED_NAME", "/job/interface/inputs/json/0/name")]
    [InlineData("{}", """{"settings":[{"name":"SCALE_RECIPE_ID"}]}""", "RESERVED_NAME", "/job/interface/settings/0/name")]
    [InlineData("{}", """{"settings":[{"name":"SCALE_BATCH_ID"}]}""", "RESERVED_NAME", "/job/interface/settings/0/name")]
    [InlineData("{}", """{"settings":[{"name":"ALLOCATED_GPUS"}]}""", "RESERVED_NAME", "/job/interface/settings/0/name")]
    [InlineData("{}", """{"command":"run ${IN"}""", "UNBALANCED_COMMAND", "/job/interface/command")]
    [InlineData("{}", """{"command":"run 'it"}""", "UNBALANCED_COMMAND", "/job/interface/command")]
    [InlineData("""{"timeout":0}""", "{}", "INVALID_TIMEOUT", "/job/timeout")]
    [InlineData("""{"timeout":-5}""", "{}", "INVALID_TIMEOUT", "/job/timeout")]
    [InlineData("{}", """{"command":"run ${IN} '${NOT}'"}""", "UNDEFINED_VARIABLE", "/job/interface/command")]
    [InlineData("{}", """{"command":"run \"$a_b\"","inputs":{"files":[{"name":"a-b"}]}}""", "UNDEFINED_VARIABLE", "/job/interface/command")]
    [InlineData("{}", """{"command":"run ${X/#/-d }"}""", "UNDEFINED_VARIABLE", "/job/interface/command")]
    [InlineData("{}", """{"command":"login $pw","settings":[{"name":"pw","secret":true}]}""", "SECRET_IN_COMMAND", "/job/interface/command")]
    [InlineData("{}", """{"command":"login ${PW}","settings":[{"name":"pw","secret":true}]}""", "SECRET_IN_COMMAND", "/job/interface/command")]
    [InlineData("""{"errors":[{"code":3,"name":"a"},{"code":4,"name":"b"},{"code":3,"name":"c"}]}""", "{}", "DUPLICATE_ERROR_CODES", "/job/errors/0/code")]
    public void What_will_hardly_work_is_warned_of(string job, string application, string name, string path)
    {
        Assert.Equal([(name, path)], Warnings(job, application));
        Assert.Empty(Errors(job, application));
    }

    [Fact]
    public void Independent_problems_are_reported_together() => Assert.Equal(
        [("NAME_COLLISION_ERROR", "/job/interface/settings/1/name"), ("INVALID_MOUNT_PATH", "/job/interface/mounts/0/path"), ("DUPLICATE_ERROR_NAMES", "/job/errors/1/name")],
        Errors("""{"errors":[{"code":1,"name":"a"},{"code":2,"name":"a"}]}""", """{"settings":[{"name":"s"},{"name":"S"}],"mounts":[{"name":"m","path":"m"}]}"""));

    [Fact]
    public void The_normal_form_has_every_default_and_resources_in_lower_case()
    {
        var normal = SeedJson.Read(
            """{"errors":[{"code":3,"name":"e"}],"resources":{"scalar":[{"name":"sharedMem","value":5}]}}""",
            """
            {"inputs":{"files":[{"name":"IN"}],"json":[{"name":"N","type":"integer"}]},"outputs":{"files":[{"name":"OUT","pattern":"*"}],"json":[{"name":"J","type":"string"}]},
             "mounts":[{"name":"M","path":"/m"}],"settings":[{"name":"S"}]}
            """).NormalForm;
        Assert.True(SeedManifest.SameNormalForm(
            SeedJson.Text(
                """{"errors":[{"code":3,"name":"e","title":"e","category":"job"}],"resources":{"scalar":[{"name":"sharedmem","value":5}]}}""",
                """
                {"inputs":{"files":[{"name":"IN","required":true,"mediaTypes":[],"multiple":false,"partial":false}],"json":[{"name":"N","type":"integer","required":true}]},
                 "outputs":{"files":[{"name":"OUT","pattern":"*","mediaType":"application/octet-stream","multiple":false,"required":true}],"json":[{"name":"J","type":"string","required":true}]},
                 "mounts":[{"name":"M","path":"/m","mode":"ro"}],"settings":[{"name":"S","secret":false}]}
                """),
            normal), normal);
        Assert.Equal(normal, SeedManifest.FromText(normal).NormalForm);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"inputs":{}}""")]
    [InlineData("""{"inputs":{"files":[]},"outputs":{"json":[]}}""")]
    public void Absent_containers_stay_absent(string application) =>
        Assert.True(SeedManifest.SameNormalForm(SeedJson.Text("{}", application), SeedJson.Read("{}", application).NormalForm));

    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{"b":[1.0,2e0],"a":1.0}""", true)]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", false)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":"\u0041"}""", """{"a":"A"}""", true)]
    public void Manifests_are_compared_by_structure(string left, string right, bool same) => Assert.Equal(same, SeedManifest.SameNormalForm(left, right));

    [Theory]
    [InlineData("a-b", "A_B")]
    [InlineData("s_1", "S_1")]
    [InlineData("Input", "INPUT")]
    public void A_name_makes_one_variable(string name, string variable) => Assert.Equal(variable, SeedNames.Environment(name));

    [Fact]
    public void Stored_text_that_is_no_manifest_is_refused() => Assert.Throws<DocumentException>(() => SeedManifest.FromText("{}"));
}
