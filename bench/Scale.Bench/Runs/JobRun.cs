using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Bench.Machine;
using Scale.Store.Databases;

namespace Scale.Bench.Runs;

/// <summary><c>./scale bench jobs</c>: tiny jobs as processes beside xargs, canceling, lists of many jobs, start and memory.</summary>
internal sealed class JobRun(Report report, Provider provider, string? postgres, bool isFull)
{
    public async Task Run()
    {
        await Tiny();
        await Cancel();
        await Lists();
    }

    public async Task Tiny()
    {
        const int Nodes = 3;
        const int Turns = 3;
        const int WarmUpRecipes = 1_000;
        var recipesInTurn = isFull ? 2_000 : 500;
        var jobsInTurn = Nodes * recipesInTurn;
        var jobs = Turns * jobsInTurn;
        report.Title($"jobs, {provider}: {jobs:N0} tiny jobs of a tenth of a cpu, three to a recipe, as processes of this machine");
        await using var database = await BenchDatabase.Create(provider, postgres);
        Directory.CreateDirectory(Path.Combine(database.Folder, "images", "bench"));
        await using var server = await BenchServer.Launch(database, "--cluster", "local", "--runtime", "process", "--image-root", Path.Combine(database.Folder, "images"));
        var scenes = new Scenes(server, database);
        await scenes.MakeWorkspace();
        await scenes.AddJobType("tiny", command: "sh -c true", cpus: "0.1");
        var chain = await scenes.AddChain("Tiny", [.. Enumerable.Repeat("tiny", Nodes)]);
        await RunBatch(scenes, chain.Id, await scenes.AddDataset(WarmUpRecipes), WarmUpRecipes);
        var meter = new Meter(server, database);
        var cost = default(Cost);
        var peerTime = await Peer(jobsInTurn) / 2;

        // What a shared machine gives changes within seconds: both take turns, xargs before and after each of ours.
        for (var turn = 1; turn <= Turns; turn++)
        {
            var dataset = await scenes.AddDataset(recipesInTurn);
            var start = await meter.Read();
            await RunBatch(scenes, chain.Id, dataset, recipesInTurn);
            cost += await meter.Read() - start;
            peerTime += await Peer(jobsInTurn) / (turn < Turns ? 1 : 2);
        }

        var peer = jobs / peerTime.TotalSeconds;
        report.Plain($"xargs -P{Environment.ProcessorCount} -n1 sh -c true", peer, "processes/s");
        report.Plain("from the request for the batch to the last end recorded", jobs / cost.Elapsed.TotalSeconds, "jobs/s");
        report.AtLeast("as a part of xargs", jobs / cost.Elapsed.TotalSeconds / peer, 0.5);
        report.Shares("per job", cost, jobs);
    }

    private static async Task RunBatch(Scenes scenes, long recipeType, long dataset, int recipes)
    {
        var batch = await scenes.StartBatch(recipeType, Scenes.Json($$"""{"dataset":{{dataset}}}"""));
        var watch = Stopwatch.StartNew();
        long Completed(JsonElement now) => now.GetProperty("recipes_completed").GetInt64();
        bool HasFailed(JsonElement now) => now.GetProperty("jobs_failed").GetInt64() > 0;
        var done = await scenes.Until(batch, now => Completed(now) == recipes || HasFailed(now), now =>
        {
            // Each question costs as much as a few jobs, so it is asked often only when the end is near.
            var left = watch.Elapsed * ((recipes - Completed(now)) / (double)Math.Max(Completed(now), 1));
            return TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds / 4, 20, 500));
        });
        if (HasFailed(done))
        {
            throw new InvalidOperationException($"A job of batch {batch} failed.");
        }
    }

    /// <returns>What no scheduler can beat.</returns>
    private static async Task<TimeSpan> Peer(int jobs)
    {
        var watch = Stopwatch.StartNew();
        using var peer = Process.Start("/bin/sh", ["-c", $"seq {jobs} | xargs -P{Environment.ProcessorCount} -n1 sh -c true"]);
        await peer.WaitForExitAsync();
        return watch.Elapsed;
    }

    public async Task Cancel()
    {
        var jobs = isFull ? 200_000 : 20_000;
        report.Title($"jobs, {provider}: {jobs:N0} queued jobs");
        await using var database = await BenchDatabase.Create(provider, postgres);
        await using var server = await BenchServer.Launch(database, "--cluster", "simulated");
        var scenes = new Scenes(server, database);
        await scenes.MakeWorkspace();
        await scenes.AddJobType("tiny");
        var chain = await scenes.AddChain("Tiny", ["tiny"]);
        await Task.Delay(TimeSpan.FromSeconds(2));
        report.AtMost("memory of an idle server", ProcessUsage.Memory(server.ProcessId), 150, "MiB");
        await scenes.Pause(true);
        var dataset = await scenes.AddDataset(jobs);
        var batch = await scenes.StartBatch(chain.Id, Scenes.Json($$"""{"dataset":{{dataset}}}"""));
        await scenes.Until(batch, b => b.GetProperty("is_creation_done").GetBoolean());
        report.AtMost("memory of the server with all of them queued", ProcessUsage.Memory(server.ProcessId), 250, "MiB");
        var meter = new Meter(server, database);
        var start = await meter.Read();
        await server.Client.Post("jobs/cancel/", new JsonObject { ["batch_ids"] = new JsonArray(batch) }, CancellationToken.None);
        await scenes.Until(batch, b => b.GetProperty("jobs_canceled").GetInt64() == jobs);
        var cost = await meter.Read() - start;
        report.AtMost("canceling them all", cost.Elapsed.TotalSeconds, jobs * 10.0 / 200_000, "s");
        report.Shares("per job", cost, jobs);
    }

    public async Task Lists()
    {
        var jobs = isFull ? 1_000_000 : 100_000;
        report.Title($"jobs, {provider}: lists and start with {jobs:N0} jobs stored");
        await using var database = await BenchDatabase.Create(provider, postgres);
        await using (var first = await BenchServer.Launch(database, "--cluster", "simulated", "--simulated-nodes", "5"))
        {
            var scenes = new Scenes(first, database);
            await scenes.MakeWorkspace();
            for (var i = 0; i < StoredJobs.Types; i++)
            {
                await scenes.AddJobType($"type-{i}");
                await scenes.AddChain($"Chain {i}", [$"type-{i}"]);
            }

            await first.Client.Get("nodes/", CancellationToken.None);
        }

        await StoredJobs.Add(database, jobs);
        await using var server = await BenchServer.Launch(database, "--cluster", "simulated");
        report.AtMost("start of the server to its first answer", server.Start.TotalSeconds, 3, "s");
        await new JobPages(report, server, database, jobs).Measure();
        report.AtMost("memory of the server after it all", ProcessUsage.Memory(server.ProcessId), 250, "MiB");
    }
}
