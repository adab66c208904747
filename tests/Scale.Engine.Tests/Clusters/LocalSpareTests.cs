using System.Diagnostics;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Executions one after the other in the same folder.</summary>
public sealed class LocalSpareTests : IDisposable
{
    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<RuntimeKind> Runtimes => [RuntimeKind.Process, RuntimeKind.Sandbox];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task The_next_execution_finds_nothing_of_the_one_before(RuntimeKind runtime)
    {
        world.Program("work", """
            ls -A . "$OUTPUT_DIR"
            ls -A "$(dirname "$INPUT_METADATA")"
            echo "$SCALE_JOB_ID" | tee "$OUTPUT_DIR/a.out" left
            echo "$SCALE_JOB_ID" >&2
            """);
        await using var cluster = world.Cluster(runtime);
        var first = world.Spec("""{"command":"work","outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""");
        var identities = new HashSet<string>();
        var executions = Enumerable.Range(0, 3).Select(i => i == 0 ? first : world.Next(first)).ToList();
        foreach (var spec in executions)
        {
            await cluster.Launch([spec], Cancel);
            var report = await world.Report();
            Assert.Equal((ExecutionOutcome.Completed, 0), (report.Outcome, report.Steps.Single(s => s.Type == "main").ExitCode));
            Assert.Equal($"{spec.Key.JobId}\n", File.ReadAllText(Path.Combine(world.WorkspaceFolder, Assert.Single(report.Outputs.Files).FilePath)));
            identities.Add(IdentityOf(world.FolderOf(spec).Root));
            await cluster.Clean([spec.Key]);
            Assert.False(world.FolderOf(spec).Exists);
        }

        // Beside plain processes, those of other tests may be taken for hidden ones of ours.
        Assert.True(runtime == RuntimeKind.Process || identities.Count == 1);
        var logs = new ExecutionLogs(world.Options, new PackedLogs(world.Options));
        foreach (var spec in executions)
        {
            var folder = world.FolderOf(spec);
            Assert.Equal([".:", "", $"{folder.Outputs}:", "scale-input-metadata.json", $"{spec.Key.JobId}"],
                logs.Read(spec.Key.ExecutionId, LogStream.StandardOutput, null).Select(l => l.Message));
            Assert.Equal($"{spec.Key.JobId}", Assert.Single(logs.Read(spec.Key.ExecutionId, LogStream.StandardError, null)).Message);
        }
    }

    [Fact]
    public async Task One_that_can_not_be_prepared_shows_nothing_of_the_one_before()
    {
        world.Program("nothing", "");
        await using var cluster = world.Cluster(RuntimeKind.Sandbox);
        var first = world.Spec("""{"command":"nothing"}""");
        await cluster.Launch([first], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        await cluster.Clean([first.Key]);

        var missing = new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [world.Input(1, "in.txt", isDeleted: true)] };
        var second = world.Spec("""{"command":"nothing","inputs":{"files":[{"name":"IN"}]}}""", missing);
        await cluster.Launch([second], Cancel);
        Assert.Equal("deleted-file", (await world.Report()).ErrorName);
        var folder = world.FolderOf(second);
        Assert.False(File.Exists(folder.InputMetadata));
        Assert.Contains($"\"job_id\": {second.Key.JobId}", File.ReadAllText(Path.Combine(folder.Root, "spec.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_a_hidden_process_may_still_use_goes_to_nobody()
    {
        world.Program("hide", $"setsid env -i sh -c 'echo > {world.Folder}/hidden; while ! test -e {world.Folder}/go; do sleep 0.02; done; echo late; echo late > late; echo > {world.Folder}/done' & while ! test -e {world.Folder}/hidden; do sleep 0.02; done");
        world.Program("wait", $"echo runs; echo > {world.Folder}/runs; while ! test -e go; do sleep 0.02; done");
        await using var cluster = world.Cluster();
        var hiding = world.Spec("""{"command":"hide"}""");
        await cluster.Launch([hiding], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        await cluster.Clean([hiding.Key]);

        var (runs, done) = (Appears("runs"), Appears("done"));
        var spec = world.Spec("""{"command":"wait"}""");
        await cluster.Launch([spec], Cancel);
        await runs;
        File.WriteAllText(Path.Combine(world.Folder, "go"), "");
        await done;
        Assert.Empty(Directory.EnumerateFileSystemEntries(world.FolderOf(spec).Scratch));
        world.LetGo(spec);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Equal("runs\n", File.ReadAllText(world.FolderOf(spec).StandardOutput));
    }

    [Fact]
    public async Task Spare_folders_of_an_earlier_server_are_removed_and_taken_for_no_execution()
    {
        world.Program("nothing", "");
        var spec = world.Spec("""{"command":"nothing"}""");
        // In a sandbox no process of another test can be taken for a hidden one of ours.
        await using (var first = world.Cluster(RuntimeKind.Sandbox))
        {
            await first.Launch([spec], Cancel);
            await world.Report();
            await first.Clean([spec.Key]);
        }

        Assert.Single(Directory.EnumerateDirectories(world.Options.ExecutionsFolder, "spare-*"));
        await using (var second = world.Cluster())
        {
            await second.Adopt([], Cancel);
        }

        Assert.Empty(Directory.EnumerateDirectories(world.Options.ExecutionsFolder, "spare-*"));
        Assert.False(world.HasReport);
    }

    public void Dispose() => world.Dispose();

    private async Task Appears(string name)
    {
        var made = new TaskCompletionSource();
        using var watch = new FileSystemWatcher(world.Folder, name) { EnableRaisingEvents = true };
        watch.Created += (_, _) => made.TrySetResult();
        await made.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }

    private static string IdentityOf(string folder)
    {
        using var look = Process.Start(new ProcessStartInfo("stat", ["-c", "%d %i", folder]) { RedirectStandardOutput = true })!;
        return look.StandardOutput.ReadToEnd();
    }
}
