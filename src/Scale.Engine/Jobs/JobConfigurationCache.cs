using Scale.Model.JobTypes;

namespace Scale.Engine.Jobs;

/// <summary>Parsed job configurations by their text: the jobs of a batch share a few.</summary>
internal sealed class JobConfigurationCache
{
    private const int Limit = 1_000;

    private readonly Dictionary<string, JobConfiguration> parsed = [];

    public JobConfiguration Get(string text)
    {
        if (!parsed.TryGetValue(text, out var configuration))
        {
            if (parsed.Count >= Limit)
            {
                parsed.Clear();
            }

            parsed[text] = configuration = JobConfiguration.FromText(text);
        }

        return configuration;
    }
}
