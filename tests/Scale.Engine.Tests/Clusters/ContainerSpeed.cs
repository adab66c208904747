using System.Diagnostics;
using Scale.Engine.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>A figure, not a check, printed by <c>bench/containers</c>: <c>-explicit only -class Scale.Engine.Tests.Clusters.ContainerSpeed</c>.</summary>
[Collection(ContainerMachineTests.Name)]
public sealed class ContainerSpeed(ContainerMachine machine, ITestOutputHelper output) : IDisposable
{
    private const int Warm = 2;

    private readonly ContainerWorld world = new(machine);

    private static int Runs => int.TryParse(Environment.GetEnvironmentVariable("SCALE_BENCH_CONTAINERS"), out var runs) ? runs : 20;

    /// <summary>One after another, by turns, so that whatever else the machine does hits both alike.</summary>
    [Fact(Explicit = true)]
    public async Task An_execution_beside_a_bare_run()
    {
        await using var cluster = world.Cluster();
        var (plain, bare, execution) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>());
        for (var run = 0; run < Runs + Warm; run++)
        {
            plain.Add(await Timed(() => Bare()));
            bare.Add(await Timed(() => Bare("--network", "none", "--log-driver", "none")));
            var spec = world.Command("/bin/true");
            execution.Add(await Timed(async () =>
            {
                await cluster.Launch([spec], TestContext.Current.CancellationToken);
                Assert.Equal(ExecutionOutcome.Completed, (await world.Files.Report()).Outcome);
            }));
            await cluster.Settle([spec.Key], TestContext.Current.CancellationToken);
        }

        output.WriteLine($"{Runs} containers of busybox true, one after another   median     mean");
        Line("podman run --rm", plain);
        Line("the same without network and log", bare);
        Line("execution, from launch to report", execution);
        output.WriteLine($"{"overhead over the second",-34} {(Median(execution) / Median(bare)) - 1,8:P0}    {(Mean(execution) / Mean(bare)) - 1,5:P0}   (at most 15 %)");
    }

    public void Dispose() => world.Dispose();

    private Task Bare(params string[] options) => machine.Podman(["run", "--rm", .. options, .. machine.Options.RunArguments, ContainerMachine.Image, "/bin/true"]);

    private static async Task<TimeSpan> Timed(Func<Task> run)
    {
        var watch = Stopwatch.StartNew();
        await run();
        return watch.Elapsed;
    }

    private void Line(string what, List<TimeSpan> times) => output.WriteLine($"{what,-34} {Median(times),8:N0} ms {Mean(times),5:N0} ms");

    private static double Median(List<TimeSpan> times) => times.Skip(Warm).Select(t => t.TotalMilliseconds).Order().ElementAt((times.Count - Warm) / 2);

    private static double Mean(List<TimeSpan> times) => times.Skip(Warm).Average(t => t.TotalMilliseconds);
}
