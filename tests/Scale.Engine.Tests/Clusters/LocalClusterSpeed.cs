using System.Diagnostics;
using System.Globalization;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>
/// What a tiny job costs on this machine beside a bare <c>xargs</c>: <c>-explicit only -class Scale.Engine.Tests.Clusters.LocalClusterSpeed</c>.
/// Processor time, not time: it is the same on a machine that does other things besides.
/// </summary>
public sealed class LocalClusterSpeed(ITestOutputHelper output) : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly ExecutionWorld world = new();

    [Theory(Explicit = true)]
    [InlineData(2_000, 4)]
    public async Task Processor_time_of_a_tiny_job(int count, int atOnce)
    {
        world.Program("nothing", "");
        await using (var cluster = world.Cluster())
        {
            await Run(cluster, 200, atOnce);
            var (own, children, watch) = (Environment.CpuUsage, ChildrenSeconds(), Stopwatch.StartNew());
            await Run(cluster, count, atOnce);
            var used = Environment.CpuUsage;
            Write("local cluster", count, watch, (used.UserTime - own.UserTime).TotalSeconds, (used.PrivilegedTime - own.PrivilegedTime).TotalSeconds, ChildrenSeconds() - children);
        }

        var before = ChildrenSeconds();
        var bare = Stopwatch.StartNew();
        using var xargs = Process.Start("sh", ["-c", $"seq {count} | xargs -P2 -n1 {world.Folder}/images/tools/nothing"]);
        await xargs.WaitForExitAsync(TestContext.Current.CancellationToken);
        Write("xargs", count, bare, 0, 0, ChildrenSeconds() - before);
    }

    public void Dispose() => world.Dispose();

    private async Task Run(Engine.Clusters.ICluster cluster, int count, int atOnce)
    {
        var first = world.Spec("""{"command":"nothing"}""");
        for (var i = 0; i < count + atOnce; i++)
        {
            if (i >= atOnce)
            {
                var report = await world.Report();
                Assert.Equal(ExecutionOutcome.Completed, report.Outcome);
                await cluster.Settle([report.Key], TestContext.Current.CancellationToken);
            }

            if (i < count)
            {
                await cluster.Launch([i == 0 ? first : world.Next(first)], TestContext.Current.CancellationToken);
            }
        }
    }

    private void Write(string what, int count, Stopwatch watch, double user, double system, double children) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {count / watch.Elapsed.TotalSeconds:F0}/s; milliseconds of processor time each: own {user * 1000 / count:F2} user, {system * 1000 / count:F2} system; children {children * 1000 / count:F2}"));

    // cutime and cstime of /proc/self/stat: what children that were waited for used, and theirs.
    private static double ChildrenSeconds()
    {
        var line = File.ReadAllText("/proc/self/stat");
        var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
