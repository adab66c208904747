using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>How executions on this machine end, and what the next server makes of them.</summary>
public sealed class LocalEndsTests : IDisposable
{
    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<RuntimeKind> Runtimes => [RuntimeKind.Process, RuntimeKind.Sandbox];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Main_is_given_time_to_end_by_itself(RuntimeKind runtime)
    {
        world.Program("tidy", "trap 'echo tidied; exit 9' TERM; echo > waits; while :; do sleep 0.02; done");
        await using var cluster = world.Cluster(runtime);
        var spec = world.Spec("""{"command":"tidy"}""");
        var waits = world.Made(spec, "waits");
        await cluster.Launch([spec], Cancel);
        await waits;
        await cluster.Kill([spec.Key], Cancel);
        var report = await world.Report();
        Assert.Equal(ExecutionOutcome.Killed, report.Outcome);
        Assert.Equal(("KILLED", 9), (report.Steps[^1].Status, report.Steps[^1].ExitCode));
        Assert.Equal("tidied\n", File.ReadAllText(world.FolderOf(spec).StandardOutput));
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Theory]
    [InlineData(RuntimeKind.Process, false)]
    [InlineData(RuntimeKind.Process, true)]
    [InlineData(RuntimeKind.Sandbox, false)]
    [InlineData(RuntimeKind.Sandbox, true)]
    public async Task Why_main_was_ended_is_known_to_the_next_server(RuntimeKind runtime, bool isTimeout)
    {
        world.Program("slow", "trap 'echo > told' TERM; echo > waits; while ! test -e go; do sleep 0.02; done; exit 0");
        var spec = world.Spec("""{"command":"slow"}""", timeout: isTimeout ? 1 : 60);
        var (waits, told) = (world.Made(spec, "waits"), world.Made(spec, "told"));
        await using (var first = world.Cluster(runtime))
        {
            await first.Launch([spec], Cancel);
            await waits;
            if (!isTimeout)
            {
                await first.Kill([spec.Key], Cancel);
            }

            await told;
        }

        world.LetGo(spec);
        await using var second = world.Cluster(runtime);
        await second.Adopt([spec], Cancel);
        var report = await world.Report();
        Assert.Equal(isTimeout ? (ExecutionOutcome.Failed, "timeout") : (ExecutionOutcome.Killed, null), (report.Outcome, report.ErrorName));
        Assert.Equal((isTimeout, "KILLED"), (report.Steps[^1].TimedOut, report.Steps[^1].Status));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task What_main_leaves_in_the_background_is_gone_before_its_outputs_are_captured(RuntimeKind runtime)
    {
        world.Program("fork", "(while :; do sleep 0.02; done) & setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & echo x > \"$OUTPUT_DIR/a.out\"; exit 0");
        await using var cluster = world.Cluster(runtime);
        var spec = world.Spec("""{"command":"fork","outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""");
        await cluster.Launch([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Fact]
    public async Task A_job_that_is_killed_before_its_launcher_came_so_far_was_killed()
    {
        world.Program("never", "exit 0");
        await using var cluster = world.Cluster();
        var spec = world.Spec("""{"command":"never"}""");
        await cluster.Launch([spec], Cancel);
        await cluster.Kill([spec.Key], Cancel);
        Assert.Contains((await world.Report()).Outcome, (ExecutionOutcome[])[ExecutionOutcome.Killed, ExecutionOutcome.Completed]);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Fact]
    public async Task An_execution_that_is_launched_again_goes_on_as_it_is()
    {
        await using var cluster = world.Cluster();
        var (spec, waiting) = world.Waiting();
        await cluster.Launch([spec], Cancel);
        await waiting;
        await cluster.Launch([spec], Cancel);
        world.LetGo(spec);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Equal("runs\n", File.ReadAllText(world.FolderOf(spec).StandardOutput));
        Assert.False(world.HasReport);
    }

    [Fact]
    public async Task An_execution_that_another_server_launched_is_adopted_instead_of_launched()
    {
        var (spec, waiting) = world.Waiting();
        await using (var first = world.Cluster())
        {
            await first.Launch([spec], Cancel);
            await waiting;
        }

        await using var second = world.Cluster();
        await second.Launch([spec], Cancel);
        world.LetGo(spec);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Equal("runs\n", File.ReadAllText(world.FolderOf(spec).StandardOutput));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task What_nobody_waits_for_any_more_is_ended_and_cleaned_at_the_next_start(RuntimeKind runtime)
    {
        var (spec, waiting) = world.Waiting();
        await using (var first = world.Cluster(runtime))
        {
            await first.Launch([spec], Cancel);
            await waiting;
        }

        var cleaned = world.Cleaned(spec);
        await using var second = world.Cluster(runtime);
        await second.Adopt([], Cancel);
        await cleaned;
        Assert.Empty(world.ProcessesOf(spec));
        Assert.False(world.HasReport);
    }

    public void Dispose() => world.Dispose();
}
