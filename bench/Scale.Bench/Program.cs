using Scale.Bench.Runs;
using Scale.Store.Databases;

namespace Scale.Bench;

/// <summary>Behind <c>./scale bench</c>: what the system carries on this machine, each figure beside what it should reach.</summary>
internal static class Program
{
    private const string Usage = "./scale bench [recipes] [batches] [jobs | tiny | cancel | lists] [demo] [--full] [--only sqlite|postgres]";

    public static async Task<int> Main(string[] arguments)
    {
        var isFull = arguments.Contains("--full");
        var only = Array.IndexOf(arguments, "--only") is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
        var runs = arguments.Where(a => !a.StartsWith('-') && a != only).ToList();
        if (runs.Exists(r => r is not ("recipes" or "batches" or "jobs" or "tiny" or "cancel" or "lists")) || only is not (null or "sqlite" or "postgres"))
        {
            await Console.Error.WriteLineAsync($"scale bench: {Usage}");
            return 2;
        }

        var server = Environment.GetEnvironmentVariable("SCALE_BENCH_POSTGRES");
        var providers = new[] { Provider.Sqlite, Provider.Postgres }.Where(p => only is null || only == p.ToString().ToLowerInvariant()).ToList();
        if (server is null)
        {
            providers.Remove(Provider.Postgres);
        }

        var report = new Report(Console.Out);
        foreach (var run in runs)
        {
            foreach (var provider in providers)
            {
                await (run switch
                {
                    "recipes" => new RecipeRun(report, provider, server, isFull).Run(),
                    "batches" => new BatchRun(report, provider, server, isFull).Run(),
                    "tiny" => new JobRun(report, provider, server, isFull).Tiny(),
                    "cancel" => new JobRun(report, provider, server, isFull).Cancel(),
                    "lists" => new JobRun(report, provider, server, isFull).Lists(),
                    _ => new JobRun(report, provider, server, isFull).Run(),
                });
            }
        }

        return 0;
    }
}
