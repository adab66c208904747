using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;

namespace Scale.Model.Jobs;

/// <summary>What a job needs (jobs-and-queue.md §13.9, job-types-and-seed.md §8.5). MiB for mem, disk and sharedmem.</summary>
public static class RequiredResources
{
    public const string SharedMemoryName = "sharedmem";

    // Far above any real node, and small enough that sums stay exact and finite.
    private const double Limit = 1e15;

    private static readonly Dictionary<string, double> Minimums = new(StringComparer.Ordinal) { ["cpus"] = 0.25, ["mem"] = 128, ["disk"] = 0 };

    /// <summary>The resources of a job that clients see: the manifest's needs, at least the minimums, and disk at least the input.</summary>
    /// <param name="inputMiB">Size of the job's input, 0 when unknown.</param>
    /// <remarks>Never holds sharedmem, which is no capacity of a node. What must be free on a node is <see cref="Reserved"/>.</remarks>
    public static Resources Compute(SeedManifest manifest, double inputMiB)
    {
        var amounts = Amounts(manifest, inputMiB);
        amounts["disk"] = Math.Max(amounts["disk"], inputMiB);
        return new Resources(amounts);
    }

    /// <summary>What main is told it may use (<c>ALLOCATED_*</c>): as <see cref="Compute"/>, but disk without the input files.</summary>
    public static Resources OfMain(SeedManifest manifest, double inputMiB) => new(Amounts(manifest, inputMiB));

    /// <summary>What the scheduler takes from a node: main's resources and, on disk, the inputs besides.</summary>
    public static Resources Reserved(SeedManifest manifest, double inputMiB)
    {
        var amounts = Amounts(manifest, inputMiB);
        amounts["disk"] = Math.Min(Limit, amounts["disk"] + inputMiB);
        return new Resources(amounts);
    }

    /// <summary>Shared memory of the container in whole MiB, 0 for none.</summary>
    public static double SharedMemory(SeedManifest manifest, double inputMiB)
    {
        var shared = manifest.Resources.FirstOrDefault(r => r.Name == SharedMemoryName);
        return shared is null ? 0 : Math.Ceiling(Amount(shared, inputMiB));
    }

    private static Dictionary<string, double> Amounts(SeedManifest manifest, double inputMiB)
    {
        var amounts = new Dictionary<string, double>(Minimums, StringComparer.Ordinal);
        foreach (var resource in manifest.Resources.Where(r => r.Name != SharedMemoryName))
        {
            amounts[resource.Name] = Amount(resource, inputMiB);
        }

        return amounts;
    }

    private static double Amount(SeedResource resource, double inputMiB)
    {
        var amount = Math.Max(resource.Value, Minimums.GetValueOrDefault(resource.Name));
        if (resource.InputMultiplier is { } multiplier)
        {
            amount = Math.Max(amount, Math.Ceiling(multiplier * inputMiB + resource.Value));
        }

        return Math.Min(amount, Limit);
    }
}
