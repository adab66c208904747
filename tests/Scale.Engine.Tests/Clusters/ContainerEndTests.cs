using System.Diagnostics;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Model.Errors;

namespace Scale.Engine.Tests.Clusters;

/// <summary>How containers end: by themselves, by us, by the kernel, by others, and across restarts of the server.</summary>
[Collection(ContainerMachineTests.Name)]
public sealed class ContainerEndTests(ContainerMachine machine) : IDisposable
{
    private readonly ContainerWorld world = new(machine);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("exit 3", "not-text", false)]
    [InlineData("exit 4", "algorithm-unknown", true)]
    [InlineData("exit 125", "algorithm-unknown", true)]
    [InlineData("/bin/no-such-program", "algorithm-unknown", true)]
    [InlineData("sh -c 'kill -9 $$'; exit $?", "algorithm-unknown", true)]
    public async Task Exit_codes_become_errors(string script, string error, bool isBuiltin)
    {
        var report = await world.Run(world.Script(script, errors: """[{"code":3,"name":"not-text","category":"data"}]"""));
        Assert.Equal((ExecutionOutcome.Failed, error, isBuiltin), (report.Outcome, report.ErrorName, report.IsBuiltinError));
    }

    [Theory]
    [InlineData("dd if=/dev/zero of=/dev/null bs=300M count=1", "out-of-memory")]
    [InlineData("dd if=/dev/zero of=/dev/null bs=300M count=1 & wait $!; exit 9", "out-of-memory")]
    [InlineData("dd if=/dev/zero of=/dev/null bs=300M count=1; exit 3", "too-big")]
    public async Task A_job_that_needs_more_memory_than_it_asked_for_is_ended_with_an_error_of_its_own(string script, string error)
    {
        var spec = world.Script(script, errors: """[{"code":3,"name":"too-big"}]""");
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Failed, error), (report.Outcome, report.ErrorName));
        Assert.True(error != "out-of-memory" || !BuiltinErrors.Get(error).ShouldBeRetried);
    }

    [Fact]
    public async Task A_storm_of_processes_is_stopped_by_the_limit()
    {
        var spec = world.Script("for n in 0 1 2 3 4 5 6 7 8 9; do for m in 0 1 2 3 4 5 6 7 8 9; do sleep 20 & done; done; wait", timeout: 30);
        await using var cluster = world.Cluster(change: engine => engine with { ProcessLimit = 40 });
        var report = await Launch(cluster, spec);
        Assert.Equal(ExecutionOutcome.Failed, report.Outcome);
        Assert.Contains("fork", world.Log(spec));
    }

    [Theory]
    [InlineData("/bin/no-such-program")]
    [InlineData("/etc")]
    public async Task A_container_that_can_not_be_started_is_told_from_one_that_failed(string command)
    {
        var spec = world.Command(command);
        var report = await world.Run(spec);
        Assert.Equal(("docker-task-launch", true), (report.ErrorName, report.IsBuiltinError));
        Assert.Contains("Error:", world.Log(spec));
        Assert.Contains("scale: docker-task-launch: ", world.Log(spec));
    }

    [Fact]
    public async Task An_option_that_the_engine_refuses_is_a_failed_launch()
    {
        var spec = world.Script("true");
        var report = await world.Run(spec, machine.Options with { RunArguments = ["--no-such-option"] });
        Assert.Equal("docker-task-launch", report.ErrorName);
        Assert.Contains("no-such-option", world.Log(spec));
    }

    [Fact]
    public async Task An_image_that_vanished_fails_one_launch_and_is_fetched_again_for_the_next()
    {
        const string Image = "localhost/scale-tests/vanishing:1";
        await machine.Podman("tag", ContainerMachine.Image, Image);
        await using var cluster = world.Cluster();
        Assert.Equal(ExecutionOutcome.Completed, (await Launch(cluster, world.Script("true", image: Image))).Outcome);
        await machine.Podman("untag", Image, Image);
        Assert.Equal("docker-task-launch", (await Launch(cluster, world.Script("true", image: Image))).ErrorName);
        var third = await Launch(cluster, world.Script("true", image: Image));
        Assert.Equal(("pull", "pull"), (third.ErrorName, Assert.Single(third.Steps).Type));
    }

    [Fact]
    public async Task A_job_that_runs_too_long_is_ended_and_its_container_gone()
    {
        var spec = world.Script("trap '' TERM; while true; do sleep 1; done", timeout: 1);
        var report = await world.Run(spec);
        Assert.Equal(("timeout", true), (report.ErrorName, report.Steps[^1].TimedOut));
        Assert.False(await world.HasContainer(spec));
    }

    [Fact]
    public async Task A_job_that_is_canceled_while_it_runs_is_reported_when_its_container_is_gone()
    {
        await using var cluster = world.Cluster();
        var spec = world.Waiting();
        await cluster.Launch([spec], Cancel);
        await world.IsWaiting(spec);
        await cluster.Kill([spec.Key], Cancel);
        Assert.Equal(ExecutionOutcome.Killed, (await world.Files.Report()).Outcome);
        Assert.False(await world.HasContainer(spec));
    }

    [Theory]
    [InlineData("kill")]
    [InlineData("rm", "--force", "--time", "0")]
    public async Task A_container_that_somebody_else_ended_is_no_failure_of_the_algorithm(params string[] command)
    {
        await using var cluster = world.Cluster();
        var spec = world.Waiting();
        await cluster.Launch([spec], Cancel);
        await world.IsWaiting(spec);
        await machine.Podman([.. command, spec.ClusterId]);
        Assert.Equal("docker-terminated", (await world.Files.Report()).ErrorName);
    }

    [Fact]
    public async Task A_container_goes_on_without_its_server_and_is_adopted_by_the_next()
    {
        var spec = world.Waiting();
        await using (var first = world.Cluster())
        {
            await first.Launch([spec], Cancel);
            await world.IsWaiting(spec);
        }

        await using var second = world.Cluster();
        await second.Adopt([spec], Cancel);
        world.LetGo(spec);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Files.Report()).Outcome);
        Assert.False(world.Files.HasReport);
    }

    [Fact]
    public async Task A_container_that_failed_without_a_server_is_judged_by_the_next()
    {
        var spec = world.Script("while ! test -e $OUTPUT_DIR/go; do echo > $OUTPUT_DIR/waits; sleep 0.1; done; dd if=/dev/zero of=/dev/null bs=300M count=1");
        await using (var first = world.Cluster())
        {
            await first.Launch([spec], Cancel);
            await world.IsWaiting(spec);
        }

        world.LetGo(spec);
        await machine.Podman("wait", spec.ClusterId);
        await using var second = world.Cluster();
        await second.Adopt([spec], Cancel);
        Assert.Equal("out-of-memory", (await world.Files.Report()).ErrorName);
    }

    [Fact]
    public async Task A_container_whose_launcher_was_killed_is_lost_and_does_not_run_on()
    {
        var spec = world.Waiting();
        await using (var first = world.Cluster())
        {
            await first.Launch([spec], Cancel);
            await world.IsWaiting(spec);
        }

        using (var launcher = Process.GetProcessById(world.Files.FolderOf(spec).Launcher()!.Value.ProcessId))
        {
            launcher.Kill();
            await launcher.WaitForExitAsync(Cancel);
        }

        await using var second = world.Cluster();
        await second.Adopt([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Lost, (await world.Files.Report()).Outcome);
        Assert.False(await world.HasContainer(spec));
    }

    [Fact]
    public async Task Containers_that_nobody_waits_for_are_removed_at_the_start_and_those_of_others_stay()
    {
        using var neighbours = new ContainerWorld(machine);
        var (left, kept, other) = (world.Waiting(), world.Waiting(), neighbours.Waiting());
        await using (var first = world.Cluster())
        await using (var neighbour = neighbours.Cluster())
        {
            await first.Launch([left, kept], Cancel);
            await neighbour.Launch([other], Cancel);
            await Task.WhenAll(world.IsWaiting(left), world.IsWaiting(kept), neighbours.IsWaiting(other));
        }

        await using (var second = world.Cluster())
        {
            await second.Adopt([kept], Cancel);
            for (var limit = DateTime.UtcNow.AddMinutes(1); await world.HasContainer(left);)
            {
                Assert.True(DateTime.UtcNow < limit, "The container that was left is not removed.");
            }

            world.LetGo(kept);
            var report = await world.Files.Report();
            Assert.Equal((ExecutionOutcome.Completed, kept.Key), (report.Outcome, report.Key));
        }

        Assert.True(await neighbours.HasContainer(other));
        await using var last = neighbours.Cluster();
        await last.Adopt([other], Cancel);
        neighbours.LetGo(other);
        Assert.Equal(ExecutionOutcome.Completed, (await neighbours.Files.Report()).Outcome);
    }

    [Fact]
    public async Task Auto_runs_an_image_in_a_container_and_an_unpacked_one_without()
    {
        world.Files.Program("here", "true");
        await using var cluster = world.Cluster(runtime: RuntimeKind.Auto);
        Assert.Equal(["pull", "pre", "main", "post"], (await Launch(cluster, world.Script("true"))).Steps.Select(s => s.Type));
        var unpacked = await Launch(cluster, world.Files.Spec("""{"command":"here"}"""));
        Assert.Equal(["pre", "main", "post"], unpacked.Steps.Select(s => s.Type));
        Assert.Equal(ExecutionOutcome.Completed, unpacked.Outcome);
    }

    [Fact]
    public async Task Without_an_engine_an_image_fails_with_what_is_missing_and_unpacked_ones_run()
    {
        world.Files.Program("here", "true");
        await using var cluster = world.Cluster(new ContainerOptions { Engine = "/there/is/no/engine" }, RuntimeKind.Auto);
        var spec = world.Script("true");
        Assert.Equal("task-launch", (await Launch(cluster, spec)).ErrorName);
        Assert.Contains("needs a container engine: there is no program /there/is/no/engine", world.Log(spec));
        Assert.Equal(ErrorCategory.System, BuiltinErrors.Get("task-launch").Category);
        Assert.Equal(ExecutionOutcome.Completed, (await Launch(cluster, world.Files.Spec("""{"command":"here"}"""))).Outcome);
    }

    [Fact]
    public async Task A_server_for_containers_only_refuses_unpacked_images_and_one_without_engine_does_not_start()
    {
        var spec = world.Files.Spec("""{"command":"here"}""");
        Assert.Equal("task-launch", (await world.Run(spec)).ErrorName);
        Assert.Contains("--runtime auto", world.Log(spec));
        Assert.Contains("/there/is/no/engine", Assert.Throws<RuntimeMissingException>(() => world.Cluster(new ContainerOptions { Engine = "/there/is/no/engine" })).Message);
    }

    public void Dispose() => world.Dispose();

    private async Task<ExecutionReport> Launch(LocalCluster cluster, ExecutionSpec spec)
    {
        await cluster.Launch([spec], Cancel);
        return await world.Files.Report();
    }
}
