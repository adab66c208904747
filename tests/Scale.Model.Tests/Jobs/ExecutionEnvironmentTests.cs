using System.Collections.Immutable;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.Scheduling;
using Scale.Model.Tests.JobTypes;

namespace Scale.Model.Tests.Jobs;

public class ExecutionEnvironmentTests
{
    private static readonly ExecutionPaths Paths = new("/exe/in", "/exe/out", "/exe/in/scale-input-metadata.json");

    private static ExecutionCommand Build(
        string application, string json = "{}", string? files = null, string settings = "{}", string scalars = "[]", double sharedMemory = 0,
        ExecutionIds? ids = null, IReadOnlyList<int>? gpus = null)
    {
        var values = JsonElement.Parse(json).EnumerateObject().ToImmutableSortedDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        var given = (files ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('='))
            .ToDictionary(f => f[0], f => (IReadOnlyList<LocalFile>)f[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select((name, i) => new LocalFile(i + 1, name)).ToList());
        var manifest = SeedJson.Read("{\"resources\":{\"scalar\":" + scalars + "}}", application);
        return ExecutionEnvironment.Build(
            manifest, new DataValues(DataValues.NoFiles, values), given, JsonSerializer.Deserialize<Dictionary<string, string>>(settings)!,
            RequiredResources.OfMain(manifest, 0), sharedMemory, ids ?? new ExecutionIds(7, 2), Paths, gpus);
    }

    private static string? Variable(ExecutionCommand built, string name) => built.Environment.GetValueOrDefault(name);

    [Fact]
    public void An_execution_sees_the_variables_of_the_contract_and_no_others() => Assert.Equal(
        [
            ("ALLOCATED_CPUS", "0.25"), ("ALLOCATED_DISK", "0.0"), ("ALLOCATED_GPUS", "0.0"), ("ALLOCATED_MEM", "128.0"),
            ("INPUT_METADATA", "/exe/in/scale-input-metadata.json"), ("OUTPUT_DIR", "/exe/out"), ("SCALE_EXE_NUM", "2"), ("SCALE_JOB_ID", "7"),
        ],
        Build("{}").Environment.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => (v.Key, v.Value)));

    [Fact]
    public void Recipe_batch_and_gpus_are_told_where_there_are_any()
    {
        var built = Build("{}", ids: new ExecutionIds(7, 2, 5, 3), gpus: [0, 2]);
        Assert.Equal(("5", "3", "0,2"), (Variable(built, "SCALE_RECIPE_ID"), Variable(built, "SCALE_BATCH_ID"), Variable(built, "NVIDIA_VISIBLE_DEVICES")));
    }

    [Theory]
    [InlineData("""{"name":"in-1"}""", "in-1=a.tif", "IN_1", "/exe/in/in-1/a.tif")]
    [InlineData("""{"name":"in-1","multiple":true}""", "in-1=a.tif,b.tif", "IN_1", "/exe/in/in-1")]
    [InlineData("""{"name":"in-1","multiple":true}""", "in-1=a.tif", "IN_1", "/exe/in/in-1")]
    [InlineData("""{"name":"in-1","required":false}""", "in-1=", "IN_1", null)]
    [InlineData("""{"name":"in-1","multiple":true,"required":false}""", "", "IN_1", null)]
    [InlineData("""{"name":"IN"}""", "IN=../../etc/passwd", "IN", "/exe/in/IN/.._.._etc_passwd")]
    public void A_file_input_is_a_path_and_without_files_unset(string input, string files, string variable, string? value)
    {
        var built = Build("{\"command\":\"${" + variable + "}\",\"inputs\":{\"files\":[" + input + "]}}", files: files);
        Assert.Equal(value, Variable(built, variable));
        Assert.Equal(value is null ? [] : [value], built.Arguments);
    }

    [Theory]
    [InlineData("string", "\"a b\"", "a b", "a|b")]
    [InlineData("string", "\"\"", "", "")]
    [InlineData("number", "1.50", "1.50", "1.50")]
    [InlineData("integer", "12345678901234567890", "12345678901234567890", "12345678901234567890")]
    [InlineData("boolean", "true", "true", "true")]
    [InlineData("array", "[1, \"a b\", \"é\"]", "[1,\"a b\",\"é\"]", "[1,\"a b\",\"é\"]")]
    [InlineData("object", "{ \"u\" : [ null ] }", "{\"u\":[null]}", "{\"u\":[null]}")]
    [InlineData("string", "null", null, "")]
    [InlineData("string", "\"cut\\u0000off\"", "cutoff", "cutoff")]
    public void A_json_input_is_its_text_and_only_strings_are_split(string type, string value, string? variable, string arguments)
    {
        var built = Build("{\"command\":\"$V\",\"inputs\":{\"json\":[{\"name\":\"v\",\"type\":\"" + type + "\"}]}}", "{\"v\":" + value + "}");
        Assert.Equal(variable, Variable(built, "V"));
        Assert.Equal(arguments.Length == 0 ? [] : arguments.Split('|'), built.Arguments);
    }

    [Fact]
    public void Settings_have_a_variable_and_in_the_command_also_their_name_as_written()
    {
        var built = Build(
            """{"command":"${db-host} $DB_HOST ${KEY} ${none} \"$NONE\"","settings":[{"name":"db-host"},{"name":"KEY","secret":true},{"name":"none"}]}""",
            settings: """{"db-host":"h 1","KEY":"real","stray":"x"}""");
        Assert.Equal(["h", "1", "h", "1", "real"], built.Arguments);
        Assert.Equal(("h 1", "real", null), (Variable(built, "DB_HOST"), Variable(built, "KEY"), Variable(built, "NONE")));
        Assert.DoesNotContain("db-host", built.Environment.Keys);
        Assert.DoesNotContain("STRAY", built.Environment.Keys);
    }

    [Fact]
    public void A_value_never_becomes_an_expansion() => Assert.Equal(
        ["${KEY}", "$OUTPUT_DIR", "'q"],
        Build(
            """{"command":"$V","inputs":{"json":[{"name":"v","type":"string"}]},"settings":[{"name":"KEY","secret":true}]}""",
            """{"v":"${KEY} $OUTPUT_DIR 'q"}""", settings: """{"KEY":"real"}""").Arguments);

    [Theory]
    [InlineData("""[{"name":"cpus","value":2},{"name":"fpga","value":3}]""", 0, "ALLOCATED_FPGA", "3.0")]
    [InlineData("""[{"name":"my-thing","value":0}]""", 0, "ALLOCATED_MY_THING", "0.0")]
    [InlineData("""[{"name":"gpus","value":2}]""", 0, "ALLOCATED_GPUS", "2.0")]
    [InlineData("""[{"name":"sharedmem","value":1}]""", 64.2, "ALLOCATED_SHAREDMEM", "65.0")]
    [InlineData("""[{"name":"sharedmem","value":0}]""", 0, "ALLOCATED_SHAREDMEM", null)]
    [InlineData("[]", 0, "ALLOCATED_SHAREDMEM", null)]
    public void Every_resource_has_its_amount(string scalars, double sharedMemory, string variable, string? value)
    {
        var built = Build("{\"command\":\"run ${" + variable + "}\"}", scalars: scalars, sharedMemory: sharedMemory);
        Assert.Equal(value, Variable(built, variable));
        Assert.Equal(value is not null ? ["run", value] : scalars == "[]" ? ["run", "${ALLOCATED_SHAREDMEM}"] : ["run"], built.Arguments);
    }

    [Theory]
    [InlineData(1, "1.0")]
    [InlineData(1024, "1024.0")]
    [InlineData(0.25, "0.25")]
    [InlineData(0.1 + 0.2, "0.3")]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(999999999999999, "999999999999999.0")]
    public void Amounts_have_a_decimal_and_lose_no_digit(double amount, string text) => Assert.Equal(text, ExecutionEnvironment.Amount(amount));

    [Fact]
    public void System_variables_hide_inputs_of_their_name_and_ids_are_not_expanded()
    {
        var built = Build(
            """{"command":"$INPUT_METADATA $SCALE_JOB_ID $OUTPUT_DIR","inputs":{"json":[{"name":"INPUT_METADATA","type":"string"},{"name":"SCALE_EXE_NUM","type":"string"}]}}""",
            """{"INPUT_METADATA":"mine","SCALE_EXE_NUM":"99"}""");
        Assert.Equal([Paths.MetadataFile, "$SCALE_JOB_ID", "/exe/out"], built.Arguments);
        Assert.Equal("2", Variable(built, "SCALE_EXE_NUM"));
    }

    [Theory]
    [InlineData("1:a 2:b", "a b")]
    [InlineData("1:a 2:a 3:a", "a 2.a 3.a")]
    [InlineData("1:2.a 2:a 3:a", "2.a a 3.a")]
    [InlineData("1:a 2:a 2:a", "a 2.a 2.2.a")]
    [InlineData("1:2.a 3:a 2:a", "2.a a 2.2.a")]
    [InlineData("1:A 2:a", "A a")]
    [InlineData("1:. 2:.. 3:x/y", "1.file 2.file x_y")]
    public void Files_of_one_name_are_told_apart_by_their_ids(string files, string names) => Assert.Equal(
        names.Split(' '), ExecutionEnvironment.LocalNames(files.Split(' ').Select(f => f.Split(':', 2)).Select(f => new LocalFile(long.Parse(f[0]), f[1])).ToList()));

    [Fact]
    public void Secrets_are_masked_in_what_is_stored_and_shown()
    {
        var manifest = SeedJson.Read("{}", """{"settings":[{"name":"KEY","secret":true},{"name":"HOST"}]}""");
        Assert.Equal(
            new Dictionary<string, string> { ["KEY"] = "*****", ["HOST"] = "h" },
            ExecutionEnvironment.MaskSecrets(manifest, new Dictionary<string, string> { ["KEY"] = "real", ["HOST"] = "h" }));
    }
}
