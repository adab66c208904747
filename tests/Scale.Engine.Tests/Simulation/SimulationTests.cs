using System.Collections.Concurrent;
using System.Globalization;

namespace Scale.Engine.Tests.Simulation;

/// <summary>
/// The engine on a virtual clock under random work and injected faults (design §7). Each seed is one world and one thread; a failing seed prints itself,
/// and <c>SCALE_SIMULATION_SEED=123</c> runs that one alone.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 300;

    [Fact]
    public async Task Whatever_fails_no_job_is_lost_doubled_or_stuck()
    {
        var failures = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            Chosen(),
            async (seed, _) =>
            {
                try
                {
                    await using var world = await SimulatedWorld.Create(seed);
                    await world.Run();
                }
                catch (Exception failure)
                {
                    failures.Add($"seed {seed.ToString(CultureInfo.InvariantCulture)}: {failure}");
                }
            });
        Assert.True(failures.IsEmpty, $"{failures.Count} of {Seeds} seeds failed. {string.Join("\n\n", failures.Take(3))}");
    }

    private static IEnumerable<int> Chosen() =>
        Environment.GetEnvironmentVariable("SCALE_SIMULATION_SEED") is { Length: > 0 } seed ? [int.Parse(seed, CultureInfo.InvariantCulture)] : Enumerable.Range(1, Seeds);
}
