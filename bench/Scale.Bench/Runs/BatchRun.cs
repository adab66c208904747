using System.Diagnostics;
using System.Text.Json.Nodes;
using Scale.Bench.Machine;
using Scale.Store.Databases;

namespace Scale.Bench.Runs;

/// <summary><c>./scale bench batches</c>: a whole batch on the simulated cluster, and the same recipes again after a change of one node in five.</summary>
internal sealed class BatchRun(Report report, Provider provider, string? postgres, bool isFull)
{
    private const int Asks = 50;

    private readonly record struct Sample(long Completed, Cost Cost);

    public async Task Run()
    {
        await RunWhole(isFull ? 300_000 : 20_000);
        await Reprocess(isFull ? 100_000 : 10_000);
    }

    private async Task RunWhole(int recipes)
    {
        string[] types = ["first", "second", "third"];
        report.Title($"batches, {provider}: {recipes:N0} recipes of three jobs on the simulated cluster, from the request to the last job");
        await using var database = await BenchDatabase.Create(provider, postgres);
        await using var server = await Start(database);
        var scenes = new Scenes(server, database);
        var chain = await Prepare(scenes, types);
        await scenes.WarmUp(chain.Id);
        var dataset = await scenes.AddDataset(recipes);
        var meter = new Meter(server, database);
        var samples = new List<Sample> { new(0, await meter.Read()) };
        var batch = await scenes.StartBatch(chain.Id, Scenes.Json($$"""{"dataset":{{dataset}}}"""));
        await scenes.Until(batch, b => b.GetProperty("is_creation_done").GetBoolean());
        var created = new Sample((await scenes.Batch(batch)).GetProperty("jobs_completed").GetInt64(), await meter.Read());
        samples.Add(created);
        while (samples[^1].Completed < recipes * types.Length)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(isFull ? 500 : 100));
            samples.Add(new Sample((await scenes.Batch(batch)).GetProperty("jobs_completed").GetInt64(), await meter.Read()));
        }

        var all = samples[^1].Cost - samples[0].Cost;
        var jobs = recipes * types.Length;
        report.AtLeast("created, queued and run", jobs / all.Elapsed.TotalSeconds, provider == Provider.Postgres ? 5_000 : 2_500, "jobs/s");
        report.Plain("created, queued and run for one second of processor time", jobs / all.Processor.TotalSeconds, "jobs");
        var run = samples[^1].Cost - created.Cost;
        report.Plain("run only, once they are created", (jobs - created.Completed) / run.Elapsed.TotalSeconds, "jobs/s");
        report.Plain("run only, for one second of processor time", (jobs - created.Completed) / run.Processor.TotalSeconds, "jobs");
        report.Shares("run only, per job", run, jobs - created.Completed);
        Flatness(samples.Skip(1).ToList(), created.Completed, jobs);
        report.AtMost("memory of the server at its most", ProcessUsage.PeakMemory(server.ProcessId), 400, "MiB");
    }

    /// <summary>Processor time per job over the first and the last tenth of what ran once all were created.</summary>
    private void Flatness(List<Sample> samples, long first, long last)
    {
        var tenth = (last - first) / 10;
        var early = samples.First(s => s.Completed >= first + tenth);
        var late = samples.Last(s => s.Completed <= last - tenth);
        var perEarly = (early.Cost - samples[0].Cost).Processor / Math.Max(1, early.Completed - first);
        var perLate = (samples[^1].Cost - late.Cost).Processor / Math.Max(1, last - late.Completed);
        report.AtMost("processor time per job, last tenth to first tenth", perLate / perEarly, 1.15);
    }

    private async Task Reprocess(int recipes)
    {
        string[] types = ["one", "two", "three", "four", "five"];
        report.Title($"batches, {provider}: {recipes:N0} recipes of five jobs again after a change of one");
        await using var database = await BenchDatabase.Create(provider, postgres);
        await using var server = await Start(database);
        var scenes = new Scenes(server, database);
        var chain = await Prepare(scenes, types);
        await scenes.WarmUp(chain.Id);
        var dataset = await scenes.AddDataset(recipes);
        var meter = new Meter(server, database);
        var (first, new1, all1) = await MakeAndRun(scenes, meter, chain.Id, Scenes.Json($$"""{"dataset":{{dataset}}}"""));

        await scenes.AddJobType("five", "1.1.0");
        await server.Client.Patch($"recipe-types/{chain.Name}/", new JsonObject { ["definition"] = Scenes.Chain(types, ["five"]), ["auto_update"] = false }, CancellationToken.None);
        var (second, new2, all2) = await MakeAndRun(scenes, meter, chain.Id, Scenes.Json($$$"""{"previous_batch":{"root_batch_id":{{{first}}}}}"""));

        report.Plain("created anew", recipes / new1.Elapsed.TotalSeconds, "recipes/s");
        report.Plain("re-processed", recipes / new2.Elapsed.TotalSeconds, "recipes/s");
        report.Shares("made anew, per recipe", new1, recipes);
        report.Shares("made again, per recipe", new2, recipes);
        report.Plain("making them again, to making them anew", new2.Elapsed / new1.Elapsed);
        report.Plain("making them again, to making them anew, in processor time", new2.Processor / new1.Processor);
        report.AtMost("making and running them again, to doing it anew", all2.Elapsed / all1.Elapsed, 1.0 / 3);
        report.AtMost("making and running them again, in processor time", all2.Processor / all1.Processor, 1.0 / 3);
        await Latency(server, "details of the batch", $"batches/{second}/");
        await Latency(server, "comparison of the two", $"batches/comparison/{first}/");
    }

    /// <summary>Makes a batch while nothing may start, then lets it run.</summary>
    private static async Task<(long Batch, Cost Made, Cost Whole)> MakeAndRun(Scenes scenes, Meter meter, long recipeType, JsonNode definition)
    {
        await scenes.Pause(true);
        var start = await meter.Read();
        var batch = await scenes.StartBatch(recipeType, definition);
        await scenes.Until(batch, b => b.GetProperty("is_creation_done").GetBoolean());
        var made = await meter.Read() - start;
        await scenes.Pause(false);
        await scenes.Until(batch, b => b.GetProperty("jobs_completed").GetInt64() == b.GetProperty("jobs_total").GetInt64());
        return (batch, made, await meter.Read() - start);
    }

    private async Task Latency(BenchServer server, string what, string path)
    {
        var times = new List<double>();
        for (var i = 0; i < Asks; i++)
        {
            var watch = Stopwatch.StartNew();
            await server.Client.Get(path, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        report.AtMost($"{what}, median of {Asks}", times[Asks / 2], 20, "ms");
    }

    private static Task<BenchServer> Start(BenchDatabase database) => BenchServer.Launch(database, "--cluster", "simulated", "--simulated-nodes", "100");

    private static async Task<(long Id, string Name)> Prepare(Scenes scenes, string[] types)
    {
        await scenes.MakeWorkspace();
        foreach (var type in types)
        {
            await scenes.AddJobType(type);
        }

        return await scenes.AddChain("Chain", types);
    }
}
