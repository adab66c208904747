using System.Diagnostics;
using System.Text.Json.Nodes;
using Scale.Bench.Machine;
using Scale.Store.Databases;

namespace Scale.Bench.Runs;

/// <summary><c>./scale bench recipes</c>: how fast recipes come to be, beside the bare inserts of the same rows, and what validation costs.</summary>
internal sealed class RecipeRun(Report report, Provider provider, string? postgres, bool isFull)
{
    private const int Compared = 20_000;

    private static readonly string[] Types = ["first", "second", "third"];

    public async Task Run()
    {
        var recipes = isFull ? 300_000 : 20_000;
        report.Title($"recipes, {provider}: a batch of {recipes:N0} recipes of three jobs");
        await using var database = await BenchDatabase.Create(provider, postgres);
        await using var server = await BenchServer.Launch(database, "--cluster", "simulated");
        var scenes = new Scenes(server, database);
        await scenes.MakeWorkspace();
        foreach (var type in Types)
        {
            await scenes.AddJobType(type);
        }

        var (chain, _) = await scenes.AddChain("Chain", Types);
        await scenes.WarmUp(chain);
        var dataset = await scenes.AddDataset(recipes);
        await scenes.Pause(true);
        var meter = new Meter(server, database);
        var before = await meter.Read();
        var batch = await scenes.StartBatch(chain, Scenes.Json($$"""{"dataset":{{dataset}}}"""));
        await scenes.Until(batch, b => b.GetProperty("is_creation_done").GetBoolean());
        var cost = await meter.Read() - before;
        var rate = recipes / cost.Elapsed.TotalSeconds;
        report.AtLeast("created", rate, provider == Provider.Postgres ? 10_000 : 4_000, "recipes/s");
        report.Plain("created for one second of processor time", recipes / cost.Processor.TotalSeconds, "recipes");

        report.Shares("created, per recipe", cost, recipes);

        var compared = Math.Min(Compared, recipes);
        var bare = await BareInsert.Measure(database, postgres, compared);
        report.Plain($"the same rows by {(provider == Provider.Postgres ? "COPY" : "a prepared statement")}", compared / bare.TotalSeconds, "recipes/s");
        report.Plain("creation as a part of it", rate / (compared / bare.TotalSeconds));
        await Validation(server);
    }

    /// <summary>A chain of 500 nodes, a fresh text each time.</summary>
    private async Task Validation(BenchServer server)
    {
        const int Nodes = 500;
        const int Asks = 20;
        var times = new List<double>();
        for (var i = 0; i < Asks; i++)
        {
            var definition = Scenes.Chain([.. Enumerable.Range(0, Nodes).Select(n => Types[n % Types.Length])], []);
            var watch = Stopwatch.StartNew();
            var answer = await server.Client.Post("recipe-types/validation/", new JsonObject { ["definition"] = definition }, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (!answer.GetProperty("is_valid").GetBoolean())
            {
                throw new InvalidOperationException($"The recipe type of {Nodes} nodes is not valid: {answer}");
            }
        }

        times.Sort();
        report.AtMost($"validation of a recipe type of {Nodes} nodes, median", times[Asks / 2], 50, "ms");
    }
}
