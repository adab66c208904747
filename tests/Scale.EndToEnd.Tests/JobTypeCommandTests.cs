using System.Text.Json;

namespace Scale.EndToEnd.Tests;

/// <summary>What an author does at the desk: <c>scale job-type init|validate|run</c>.</summary>
public sealed class JobTypeCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string JobType => Path.Combine(folder.Path, "find-word");

    private string Text => Path.Combine(folder.Path, "a text.txt");

    private string Outputs => Path.Combine(folder.Path, "out");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_init_writes_is_valid_and_runs()
    {
        await Scale(0, "job-type", "init", JobType);
        var validated = await Scale(0, "job-type", "validate", JobType);
        Assert.Equal($"{JobType}/seed.manifest.json is valid: find-word 1.0.0", Assert.Single(validated.Output));

        await File.WriteAllTextAsync(Text, "one fish\ntwo birds\nred fish\n", TestContext.Current.CancellationToken);
        var run = await Scale(0, "job-type", "run", JobType, "-i", "TEXT=" + Text, "-i", "WORD=fish", "-o", Outputs);
        var data = JsonDocument.Parse(string.Join('\n', run.Output)).RootElement;
        Assert.Equal(2, data.GetProperty("json").GetProperty("count").GetInt32());
        Assert.Equal($"{Outputs}/matches.txt", data.GetProperty("files").GetProperty("MATCHES")[0].GetString());
        Assert.Equal("one fish\nred fish\n", await File.ReadAllTextAsync(Path.Combine(Outputs, "matches.txt"), TestContext.Current.CancellationToken));

        var again = await Scale(1, "job-type", "init", JobType);
        Assert.Contains("is there already", again.Errors);
    }

    [Fact]
    public async Task A_failing_run_ends_with_status_1_its_log_and_its_error()
    {
        await Scale(0, "job-type", "init", JobType);
        await File.WriteAllTextAsync(Text, "", TestContext.Current.CancellationToken);
        var run = await Scale(1, "job-type", "run", JobType, "-i", "TEXT=" + Text, "-i", "WORD=fish", "-o", Outputs);
        Assert.Empty(run.Output);
        Assert.Contains("a text.txt is empty", run.Errors);
        Assert.Contains("failed: empty-file", run.Errors);

        File.Delete(Path.Combine(JobType, "bin", "main"));
        var missing = await Scale(1, "job-type", "run", JobType, "-i", "TEXT=" + Text, "-i", "WORD=fish", "-o", Outputs);
        Assert.Contains("program bin/main", missing.Errors);
        var validated = await Scale(0, "job-type", "validate", JobType);
        Assert.Contains(validated.Output, line => line.StartsWith("warning MISSING_PROGRAM", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Wrong_arguments_are_all_named_before_anything_runs()
    {
        await Scale(0, "job-type", "init", JobType);
        var run = await Scale(2, "job-type", "run", JobType, "-i", "TEXT=/no/such/file", "-i", "OTHER=1", "-s", "NOTHING=x", "-o", Outputs);
        Assert.All(["there is no file /no/such/file", "no input OTHER", "required input WORD", "no setting NOTHING"], text => Assert.Contains(text, run.Errors));
        Assert.False(Directory.Exists(Outputs));
    }

    [Fact]
    public async Task A_folder_runs_without_a_container_and_an_image_in_one()
    {
        await Scale(0, "job-type", "init", JobType);
        Assert.Contains("is a folder, which is run without a container", (await Scale(2, "job-type", "run", JobType, "-o", Outputs, "--runtime", "container")).Errors);
        Assert.Contains("there is no folder tools:1, and an image is run in a container", (await Scale(2, "job-type", "run", "tools:1", "-o", Outputs, "--runtime", "process")).Errors);
        Assert.Contains("can't be read", (await Scale(1, "job-type", "run", "./tools", "-o", Outputs)).Errors);
    }

    [Fact]
    public async Task Every_problem_of_a_manifest_is_named_with_its_path()
    {
        var file = Path.Combine(folder.Path, "broken.json");
        await File.WriteAllTextAsync(
            file,
            """
            {"seedVersion":"1.0.0","job":{"name":"a_b","jobVersion":"1","packageVersion":"1.0.0","title":"T","description":"D","maintainer":{"name":"n","email":"e"},"timeout":"60"}}
            """,
            TestContext.Current.CancellationToken);
        var run = await Scale(1, "job-type", "validate", file);
        Assert.Equal(["/job/jobVersion", "/job/name", "/job/timeout"], run.Output.Select(line => line.Split(' ')[2].TrimEnd(':')).Order(StringComparer.Ordinal));
        Assert.All(run.Output, line => Assert.StartsWith("error JSON_VALIDATION_ERROR ", line));
        Assert.Contains("can't be read", (await Scale(1, "job-type", "validate", Path.Combine(folder.Path, "nothing.json"))).Output.Single());
    }

    private static async Task<ProgramRun> Scale(int status, params string[] arguments)
    {
        var run = ProgramRun.Scale(arguments);
        await using (run)
        {
            Assert.True(status == await run.Exit(), $"{string.Join(' ', arguments)}: {string.Join('\n', run.Output)}\n{run.Errors}");
        }

        return run;
    }
}
