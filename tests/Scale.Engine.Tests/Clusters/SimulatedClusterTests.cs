using Scale.Engine.Clusters.Simulated;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Tests.Clusters;

public sealed class SimulatedClusterTests : IDisposable
{
    private const string Outputs = "\"outputs\":{\"files\":[{\"name\":\"OUT\",\"pattern\":\"tile-[ab]?/*.png\",\"mediaType\":\"image/png\"}],\"json\":[{\"name\":\"n\",\"key\":\"count\",\"type\":\"integer\"},{\"name\":\"s\",\"type\":\"string\",\"required\":false}]}";

    private readonly ExecutionWorld world = new();
    private readonly VirtualClock clock = new();
    private readonly SimulatedCluster cluster;

    public SimulatedClusterTests() => cluster = new SimulatedCluster(world.Brokers, world, clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_four_nodes_of_16_cpus_64_GiB_and_1_TiB()
    {
        var nodes = await cluster.Discover(Cancel);
        Assert.Equal(4, nodes.Count);
        Assert.All(nodes, n => Assert.Equal((16, 65_536, 1_048_576), (n.Resources["cpus"], n.Resources["mem"], n.Resources["disk"])));
    }

    [Fact]
    public async Task A_job_ends_at_once_and_makes_every_declared_output()
    {
        var report = await Run("");
        Assert.Equal(ExecutionOutcome.Completed, report.Outcome);
        var file = Assert.Single(report.Outputs.Files);
        Assert.Equal(("OUT.png", "image/png"), (file.FileName, file.MediaType));
        Assert.True(File.Exists(Path.Combine(world.WorkspaceFolder, file.FilePath)));
        Assert.Equal(0, report.Outputs.Json["n"].GetInt32());
        Assert.Equal("", report.Outputs.Json["s"].GetString());
    }

    [Theory]
    [InlineData("simulate:exit=3", "bad-data")]
    [InlineData("simulate:exit=4", "algorithm-unknown")]
    [InlineData("simulate:no-output=OUT", "missing-required-output")]
    [InlineData("simulate:no-output=n", "missing-required-output")]
    [InlineData("simulate:json:n=\\\"text\\\"", "invalid-results-manifest")]
    public async Task Words_of_the_command_steer_how_it_ends(string words, string error) => Assert.Equal(error, (await Run(words)).ErrorName);

    [Fact]
    public async Task Values_can_be_given() => Assert.Equal(7, (await Run("simulate:json:n=7")).Outputs.Json["n"].GetInt32());

    [Fact]
    public async Task A_job_that_can_not_be_ended_fails_and_does_not_hold_up_the_others()
    {
        var brokers = new FailingBrokers("broken");
        var others = new SimulatedCluster(brokers, world, clock);
        var broken = Spec("");
        broken = broken with { OutputWorkspaces = broken.OutputWorkspaces.ToDictionary(o => o.Key, o => o.Value with { Name = "broken" }) };
        await others.Launch([broken, Spec("")], Cancel);
        await others.RunDue(1, Cancel);
        Assert.Equal((ExecutionOutcome.Failed, "unknown"), (await world.Report()) switch { var r => (r.Outcome, r.ErrorName) });
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
    }

    [Fact]
    public async Task A_lost_job_is_reported_lost() => Assert.Equal(ExecutionOutcome.Lost, (await Run("simulate:lost")).Outcome);

    [Fact]
    public async Task A_job_takes_the_time_it_was_told_to()
    {
        await cluster.Launch([Spec("simulate:seconds=30")], Cancel);
        clock.Advance(TimeSpan.FromSeconds(29));
        await cluster.RunDue(1, Cancel);
        Assert.False(world.HasReport);
        clock.Advance(TimeSpan.FromSeconds(1));
        await cluster.RunDue(1, Cancel);
        var main = (await world.Report()).Steps.Single(s => s.Type == "main");
        Assert.Equal(TimeSpan.FromSeconds(30), main.Ended - main.Started);
    }

    [Fact]
    public async Task A_job_that_takes_longer_than_it_may_times_out_at_its_limit()
    {
        await cluster.Launch([Spec("simulate:seconds=100")], Cancel);
        clock.Advance(TimeSpan.FromSeconds(60));
        await cluster.RunDue(1, Cancel);
        Assert.Equal("timeout", (await world.Report()).ErrorName);
    }

    [Fact]
    public async Task A_killed_job_is_reported_killed_and_only_once()
    {
        var spec = Spec("simulate:seconds=30");
        await cluster.Launch([spec], Cancel);
        await cluster.Kill([spec.Key], Cancel);
        await cluster.RunDue(1, Cancel);
        Assert.Equal(ExecutionOutcome.Killed, (await world.Report()).Outcome);
        clock.Advance(TimeSpan.FromMinutes(1));
        await cluster.RunDue(1, Cancel);
        Assert.False(world.HasReport);
        Assert.Empty(cluster.Live);
    }

    [Fact]
    public async Task Another_server_finds_nothing_to_adopt()
    {
        await cluster.Adopt([Spec("")], Cancel);
        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
    }

    [Fact]
    public async Task A_missing_input_is_missed_as_on_a_real_cluster()
    {
        var file = world.Input(1, "a.txt");
        File.Delete(Path.Combine(world.WorkspaceFolder, "a.txt"));
        await cluster.Launch([world.Spec("""{"inputs":{"files":[{"name":"IN"}]}}""", new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [file] })], Cancel);
        await cluster.RunDue(1, Cancel);
        Assert.Equal("missing-file", (await world.Report()).ErrorName);
    }

    public void Dispose() => world.Dispose();

    private ExecutionSpec Spec(string words) => world.Spec($$"""{"command":"run {{words}}",{{Outputs}}}""", errors: """[{"code":3,"name":"bad-data","category":"data"}]""");

    private async Task<ExecutionReport> Run(string words)
    {
        await cluster.Launch([Spec(words)], Cancel);
        await cluster.RunDue(1, Cancel);
        return await world.Report();
    }

    /// <summary>Fails with an error that nobody expects.</summary>
    private sealed class FailingBrokers(string workspace) : WorkspaceBrokers
    {
        public override IWorkspaceBroker For(string name, string configuration) =>
            name == workspace ? throw new InvalidOperationException("a defect") : base.For(name, configuration);
    }
}
