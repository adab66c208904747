using Scale.Store.Databases;

namespace Scale.Bench.Runs;

/// <summary><c>./scale bench jobs</c></summary>
internal sealed class JobRun(Report report, Provider provider, string? postgres, bool isFull)
{
    public Task Run()
    {
        report.Plain($"{provider} {postgres} {isFull}", 0);
        return Task.CompletedTask;
    }
}
