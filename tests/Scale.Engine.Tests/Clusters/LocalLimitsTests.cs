using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Algorithms that take more than they may: each ends in its documented error, and nothing of it stays.</summary>
public sealed class LocalLimitsTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<RuntimeKind> Runtimes => [RuntimeKind.Process, RuntimeKind.Sandbox];

    // tail holds what it will write last, until somebody reads it.
    public static TheoryData<RuntimeKind, string> Hogs => new()
    {
        { RuntimeKind.Process, "head -c 400000000 /dev/zero | tail -c 300000000 | sleep 1000" },
        { RuntimeKind.Sandbox, "head -c 400000000 /dev/zero | tail -c 300000000 | sleep 1000" },
        { RuntimeKind.Process, "for i in 1 2 3 4; do head -c 80000000 /dev/zero | tail -c 70000000 | sleep 1000 & done; wait" },
        { RuntimeKind.Sandbox, "for i in 1 2 3 4; do head -c 80000000 /dev/zero | tail -c 70000000 | sleep 1000 & done; wait" },
        { RuntimeKind.Process, "setsid sh -c 'head -c 400000000 /dev/zero | tail -c 300000000 | sleep 1000 &'; sleep 1000" },
    };

    [Theory]
    [MemberData(nameof(Hogs))]
    public async Task A_job_that_takes_more_memory_than_it_was_given_is_ended(RuntimeKind runtime, string script)
    {
        world.Program("hog", script);
        var spec = world.Spec("""{"command":"hog"}""");
        var report = await Run(runtime, spec);
        Assert.Equal((ExecutionOutcome.Failed, "out-of-memory", true), (report.Outcome, report.ErrorName, report.IsBuiltinError));
        Assert.Equal(("KILLED", false), (report.Steps[^1].Status, report.Steps[^1].TimedOut));
        Assert.Equal("scale: out-of-memory: main used more than its 128 MiB of memory\n", File.ReadAllText(world.FolderOf(spec).StandardError));
        Assert.True(report.Usage!.PeakMemory > 128);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Fact]
    public async Task What_a_sandboxed_job_writes_into_memory_is_bounded()
    {
        world.Program("fill", """
            head -c 300000000 /dev/zero > /tmp/fill && exit 11
            rm /tmp/fill
            head -c 300000000 /dev/zero > /dev/shm/fill && exit 12
            echo x > /fill && exit 13
            echo x > /dev/fill && exit 14
            echo x > /dev/null || exit 15
            exit 0
            """);
        var report = await Run(RuntimeKind.Sandbox, world.Spec("""{"command":"fill"}"""));
        Assert.Equal((ExecutionOutcome.Completed, 0), (report.Outcome, report.Steps.Single(s => s.Type == "main").ExitCode));
    }

    // Each starts two of itself, a bounded number of times should nobody stop it.
    public static TheoryData<RuntimeKind, string> Storms => new()
    {
        { RuntimeKind.Process, "storm" },
        { RuntimeKind.Sandbox, "storm" },
        { RuntimeKind.Process, "scattered" },
        { RuntimeKind.Sandbox, "scattered" },
    };

    [Theory]
    [MemberData(nameof(Storms))]
    public async Task A_storm_of_processes_is_stopped(RuntimeKind runtime, string program)
    {
        world.Program("storm", "[ \"$1\" -gt 0 ] || exec sleep 1000; \"$0\" $(($1 - 1)) & \"$0\" $(($1 - 1)) & wait");
        world.Program("scattered", "[ \"$1\" -gt 0 ] || exec sleep 1000; setsid \"$0\" $(($1 - 1)) & setsid \"$0\" $(($1 - 1)) & [ \"$1\" -lt 8 ] || sleep 1000");
        var spec = world.Spec($$"""{"command":"{{program}} 8"}""");
        var report = await Run(runtime, spec, options => options with { ProcessLimit = 60 });
        Assert.Equal((ExecutionOutcome.Failed, "algorithm-unknown", true), (report.Outcome, report.ErrorName, report.IsBuiltinError));
        Assert.EndsWith("main had more than 60 processes at once\n", File.ReadAllText(world.FolderOf(spec).StandardError), StringComparison.Ordinal);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_flood_of_log_ends_with_a_notice_and_harms_nobody(RuntimeKind runtime)
    {
        // One line of 1 GiB, of which the disk holds little.
        world.Program("flood", "head -c 2000000 /dev/zero | tr '\\0' x; truncate -s 1073741824 /proc/self/fd/1; echo; yes | head -c 100000000 >&2");
        var spec = world.Spec("""{"command":"flood"}""");
        var change = (EngineOptions options) => options with { LogLimit = Mebibyte };
        await using var cluster = world.Cluster(runtime, change: change);
        await cluster.Launch([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        var cleaned = world.Cleaned(spec);
        await cluster.Settle([spec.Key], Cancel);
        await cleaned;

        var logs = new ExecutionLogs(change(world.Options), new PackedLogs(change(world.Options)));
        var output = logs.Read(spec.Key.ExecutionId, LogStream.StandardOutput, null);
        Assert.Equal((Mebibyte / (64 << 10)) + 1, output.Count);
        Assert.Equal("scale: the log ends here: 1072693248 more bytes were dropped, 1048576 are kept", output[^1].Message);
        var errors = logs.Read(spec.Key.ExecutionId, LogStream.StandardError, null, int.MaxValue);
        Assert.Equal((Mebibyte / 2) + 1, errors.Count);
    }

    [Fact]
    public async Task The_disk_space_of_a_log_beyond_its_limit_is_given_back_while_main_runs()
    {
        // Ends only when its own log, which it sees as its output, takes up less than it wrote.
        world.Program("flood", "head -c 50000000 /dev/zero; while [ $(stat -Lc %b /proc/$$/fd/1) -gt 20000 ]; do sleep 0.05; done");
        var report = await Run(RuntimeKind.Process, world.Spec("""{"command":"flood"}"""), options => options with { LogLimit = Mebibyte });
        Assert.Equal(ExecutionOutcome.Completed, report.Outcome);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Names_that_a_shell_would_run_are_only_names(RuntimeKind runtime)
    {
        world.Program("name", """
            cd "$OUTPUT_DIR"
            for name in 'a b' "it's" '"q"' '$(touch pwned)' '`touch pwned`' 'a;touch pwned' '-rf' '*' 'new
            line'; do echo "$1" > "./$name.out"; done
            """);
        var spec = world.Spec(
            """{"command":"name ${TEXT}","inputs":{"files":[{"name":"IN"}]},"outputs":{"files":[{"name":"OUT","pattern":"*.out","multiple":true}]}}""",
            new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [world.Input(1, "$(touch pwned);`touch pwned`\n'\".txt")] });
        var report = await Run(runtime, spec);
        Assert.Equal(9, report.Outputs.Files.Length);
        Assert.All(report.Outputs.Files, f => Assert.True(File.Exists(Path.Combine(world.WorkspaceFolder, f.FilePath))));
        Assert.Empty(Directory.GetFiles(world.Folder, "pwned", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Links_that_lead_out_are_not_captured(RuntimeKind runtime)
    {
        File.WriteAllText(Path.Combine(world.Folder, "secret.txt"), "secret");
        world.Program("leak", $"""
            cd "$OUTPUT_DIR"
            ln -s '{world.Folder}/secret.txt' absolute.out
            ln -s ../../../../secret.txt relative.out
            ln -s '{world.Folder}' folder
            ln -s /proc/self/environ process.out
            ln -s ../stdout.log log.out
            ln -s loop.out loop.out
            ln -s /dev/zero endless.out
            mkfifo pipe.out
            """);
        var spec = world.Spec("""{"command":"leak","outputs":{"files":[{"name":"OUT","pattern":"*.out","required":false,"multiple":true},{"name":"DEEP","pattern":"folder/secret.txt","required":false}]}}""");
        var report = await Run(runtime, spec);
        Assert.Equal((ExecutionOutcome.Completed, 0), (report.Outcome, report.Outputs.Files.Length));
        Assert.Empty(Directory.GetFiles(world.WorkspaceFolder, "*", SearchOption.AllDirectories));
    }

    public void Dispose() => world.Dispose();

    private async Task<ExecutionReport> Run(RuntimeKind runtime, ExecutionSpec spec, Func<EngineOptions, EngineOptions>? change = null)
    {
        await using var cluster = world.Cluster(runtime, change: change);
        await cluster.Launch([spec], Cancel);
        return await world.Report();
    }
}
