using Scale.Engine.Executions;

namespace Scale.Engine.Tests.Executions;

public sealed class PostStepTests : IDisposable
{
    private const string OneText = """{"outputs":{"files":[{"name":"OUT","pattern":"*.txt","mediaType":"text/plain"}]}}""";

    private readonly ExecutionWorld world = new();
    private readonly string outputs;

    public PostStepTests()
    {
        outputs = Path.Combine(world.Folder, "outputs");
        Directory.CreateDirectory(outputs);
    }

    [Fact]
    public async Task A_matching_file_lands_in_its_workspace_under_the_product_path()
    {
        Write("a.txt", "text");
        var file = Assert.Single((await Capture(OneText)).Value!.Files);
        Assert.Equal("jobs/try/1.0.0/unknown_source_data_time/2026/05/04/job_exe_1/a.txt", file.FilePath);
        Assert.Equal(("OUT", "a.txt", 4L, "text/plain"), (file.Output, file.FileName, file.FileSize, file.MediaType));
        Assert.Equal("text", File.ReadAllText(Path.Combine(world.WorkspaceFolder, file.FilePath)));
    }

    [Fact]
    public async Task Capturing_again_after_a_crash_gives_the_same()
    {
        Write("a.txt", "text");
        var spec = world.Spec(OneText);
        var first = await Capture(spec);
        var second = await Capture(spec);
        Assert.Equal(first.Value!.Files, second.Value!.Files);
    }

    [Theory]
    [InlineData(OneText, "missing-required-output")]
    [InlineData("""{"outputs":{"json":[{"name":"n","type":"integer"}]}}""", "missing-required-output")]
    public async Task A_missing_required_output_has_its_error(string manifest, string error) => Assert.Equal(error, (await Capture(manifest)).Error!.Name);

    [Fact]
    public async Task A_missing_optional_output_is_no_error()
    {
        var result = await Capture("""{"outputs":{"files":[{"name":"OUT","pattern":"*.txt","required":false}],"json":[{"name":"n","type":"integer","required":false}]}}""");
        Assert.Empty(result.Value!.Files);
        Assert.Empty(result.Value.Json);
    }

    [Fact]
    public async Task Several_files_for_a_single_output_have_their_error_even_when_it_is_optional()
    {
        Write("a.txt", "");
        Write("b.txt", "");
        Assert.Equal("unexpected-multiple-outputs", (await Capture("""{"outputs":{"files":[{"name":"OUT","pattern":"*.txt","required":false}]}}""")).Error!.Name);
    }

    [Fact]
    public async Task Several_files_of_a_multiple_output_come_in_the_order_of_their_paths()
    {
        foreach (var name in (string[])["c.txt", "a.txt", "b.txt"])
        {
            Write(name, "");
        }

        var files = (await Capture("""{"outputs":{"files":[{"name":"OUT","pattern":"*.txt","multiple":true}]}}""")).Value!.Files;
        Assert.Equal(["a.txt", "b.txt", "c.txt"], files.Select(f => f.FileName));
    }

    [Theory]
    [InlineData("""{"n":"text"}""")]
    [InlineData("{")]
    public async Task A_broken_results_document_has_its_error(string text)
    {
        Write("seed.outputs.json", text);
        Assert.Equal("invalid-results-manifest", (await Capture("""{"outputs":{"json":[{"name":"n","type":"integer"}]}}""")).Error!.Name);
    }

    [Fact]
    public async Task Json_values_are_found_by_key()
    {
        Write("seed.outputs.json", """{"count":7,"other":1}""");
        Assert.Equal(7, (await Capture("""{"outputs":{"json":[{"name":"n","key":"count","type":"integer"}]}}""")).Value!.Json["n"].GetInt32());
    }

    [Theory]
    [InlineData("../secret.txt")]
    [InlineData("/etc/hostname")]
    public async Task A_link_that_leads_out_is_never_captured(string target)
    {
        File.WriteAllText(Path.Combine(world.Folder, "secret.txt"), "secret");
        File.CreateSymbolicLink(Path.Combine(outputs, "a.txt"), target);
        Assert.Equal("missing-required-output", (await Capture(OneText)).Error!.Name);
    }

    [Theory]
    [InlineData("../*.txt")]
    [InlineData("/etc/*")]
    [InlineData("x/../../*.txt")]
    public async Task A_pattern_that_leads_out_matches_nothing(string pattern)
    {
        File.WriteAllText(Path.Combine(world.Folder, "secret.txt"), "secret");
        Assert.Equal("missing-required-output", (await Capture($$$"""{"outputs":{"files":[{"name":"OUT","pattern":"{{{pattern}}}"}]}}""")).Error!.Name);
    }

    [Fact]
    public async Task Folders_and_pipes_are_no_files()
    {
        Directory.CreateDirectory(Path.Combine(outputs, "a.txt"));
        using var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(outputs, "b.txt")]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("missing-required-output", (await Capture(OneText)).Error!.Name);
    }

    [Theory]
    [InlineData("with blank.txt")]
    [InlineData("$(touch x);'\".txt")]
    [InlineData("new\nline.txt")]
    [InlineData("ünï.txt")]
    public async Task Any_file_name_is_only_a_name(string name)
    {
        Write(name, "x");
        var file = Assert.Single((await Capture(OneText)).Value!.Files);
        Assert.Equal(name, file.FileName);
        Assert.True(File.Exists(Path.Combine(world.WorkspaceFolder, file.FilePath)));
    }

    [Fact]
    public async Task A_file_that_has_another_name_elsewhere_is_copied_and_stays_as_it_is()
    {
        var elsewhere = Path.Combine(world.Folder, "elsewhere");
        File.WriteAllText(elsewhere, "theirs");
        File.SetUnixFileMode(elsewhere, UnixFileMode.UserRead);
        using (var link = System.Diagnostics.Process.Start("ln", [elsewhere, Path.Combine(outputs, "a.txt")]))
        {
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var spec = world.Spec(OneText);
        var product = Path.Combine(world.WorkspaceFolder, Assert.Single((await Capture(spec)).Value!.Files).FilePath);
        File.WriteAllText(product, "changed");
        Assert.Equal("theirs", File.ReadAllText(elsewhere));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(elsewhere));
    }

    [Fact]
    public async Task A_side_car_describes_its_file_and_is_no_product()
    {
        Write("a.txt", "x");
        Write("a.txt.metadata.json", """{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"sourceSensor":"CAM"}}""");
        var file = Assert.Single((await Capture("""{"outputs":{"files":[{"name":"OUT","pattern":"a*"}]}}""")).Value!.Files);
        Assert.Equal("CAM", file.Metadata!.SourceSensor);
        Assert.Equal("POINT (1 2)", file.Metadata.Geometry!.Wkt);
    }

    [Fact]
    public async Task A_side_car_with_a_broken_geometry_has_its_error()
    {
        Write("a.txt", "x");
        Write("a.txt.metadata.json", """{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[1]]},"properties":null}""");
        Assert.Equal("invalid-results-manifest", (await Capture(OneText)).Error!.Name);
    }

    [Fact]
    public async Task An_unreadable_side_car_is_ignored()
    {
        Write("a.txt", "x");
        Write("a.txt.metadata.json", "nonsense");
        Assert.Null(Assert.Single((await Capture(OneText)).Value!.Files).Metadata);
    }

    [Fact]
    public async Task A_document_named_after_an_input_describes_that_input()
    {
        Write("IN.metadata.json", """{"type":"Feature","geometry":null,"properties":{"dataTypes":["clear"]}}""");
        var inputs = new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [world.Input(5, "in.txt")] };
        var result = await Capture(world.Spec("""{"inputs":{"files":[{"name":"IN"}]}}""", inputs));
        Assert.Equal(["clear"], result.Value!.InputMetadata["IN"].DataTypes);
    }

    [Fact]
    public async Task A_workspace_that_is_archived_or_gone_is_a_file_system_error()
    {
        Write("a.txt", "x");
        var spec = world.Spec(OneText);
        var archived = spec with { OutputWorkspaces = spec.OutputWorkspaces.ToDictionary(w => w.Key, w => w.Value with { IsActive = false }) };
        Assert.Equal("filesystem-io", (await Capture(archived)).Error!.Name);
        var gone = spec with { OutputWorkspaces = spec.OutputWorkspaces.ToDictionary(w => w.Key, w => w.Value with { Configuration = """{"broker":{"type":"host","host_path":"/nowhere/at/all"}}""" }) };
        Assert.Equal("filesystem-io", (await Capture(gone)).Error!.Name);
    }

    public void Dispose() => world.Dispose();

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(outputs, name), content);

    private Task<StepResult<CapturedOutputs>> Capture(string manifestInterface) => Capture(world.Spec(manifestInterface));

    private Task<StepResult<CapturedOutputs>> Capture(ExecutionSpec spec) => new PostStep(world.Brokers).Capture(spec, new LocalOutputFolder(outputs), TestContext.Current.CancellationToken);
}
