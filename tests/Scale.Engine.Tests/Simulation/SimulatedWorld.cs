using Microsoft.Data.Sqlite;
using Scale.Engine.Batches;
using Scale.Engine.Commands;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Batches;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Batches;
using Scale.Model.Jobs;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Tests.Simulation;

/// <summary>One seed: an engine, a cluster that misbehaves, people who ask for things, and the rules checked after every step.</summary>
internal sealed class SimulatedWorld : IAsyncDisposable
{
    private const int Ticks = 40;

    private static readonly Lazy<Task<byte[]>> Template = new(MakeTemplate);

    private readonly Random random;
    private readonly Faults faults = new();
    private readonly EngineWorld world;
    private readonly List<ExecutionReport> delayed = [];
    private readonly List<long> jobTypes = [];
    private readonly List<(long TypeId, long RevisionId)> recipeTypes = [];
    private readonly List<long> rootBatches = [];
    private bool isCalm;

    private SimulatedWorld(int seed, Database database, string folder)
    {
        random = new Random(seed);
        EngineWorld? self = null;
        ICommandHandler[] handlers = [new QueueCommand(() => self!.Transitions)];
        var cluster = new ScriptedCluster { KillsAtOnce = false, Deliver = Deliver };
        cluster.Nodes.Add(new("node-2", Resources.Of(cpus: 1, mem: 1_024, disk: 100_000)));
        world = self = new EngineWorld(database, new VirtualClock(), cluster, handlers, async () =>
        {
            await database.DisposeAsync();
            SqliteConnection.ClearPool(new SqliteConnection(database.ConnectionString));
            Directory.Delete(folder, recursive: true);
        })
        { OperationLimits = new JobOperationLimits(SliceSize: 2, LargestWindow: 8) };
    }

    public static async Task<SimulatedWorld> Create(int seed)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root(), $"scale-simulation-{Guid.NewGuid():N}")).FullName;
        var path = Path.Combine(folder, "scale.db");
        await File.WriteAllBytesAsync(path, await Template.Value);
        return new SimulatedWorld(seed, await Database.OpenSqlite(path, new VirtualClock()), folder);
    }

    public ValueTask DisposeAsync() => world.DisposeAsync();

    public async Task Run()
    {
        await Prepare();
        world.Database.BeforeStatement = faults.BeforeStatement;
        for (var tick = 0; tick < Ticks; tick++)
        {
            await AskForSomething();
            MoveCluster();
            MoveClock();
            Arm();
            await Step($"tick {tick}");
        }

        await ComeToRest();
    }

    private async Task Prepare()
    {
        await world.AddWorkspace(EngineWorld.ProductWorkspace);
        jobTypes.Add(await world.AddJobType("single", Manifests.NoInput("single"), maxTries: 2));
        jobTypes.Add(await world.AddJobType("limited", Manifests.NoInput("limited"), priority: 50, maxScheduled: 1));
        await world.Write(s => s.Execute("UPDATE job_type SET configuration = @c WHERE name = 'limited'", ("c", """{"output_workspaces":{"default":"products"},"priority":50,"reuse":true}""")));
        jobTypes.Add(await world.AddJobType("wide", Manifests.Needing("wide", ("cpus", 3))));
        await world.AddJobType("work");
        await world.AddError("work", "own-error");
        recipeTypes.Add(await world.AddRecipeType("chain", Definitions.Chain()));
        recipeTypes.Add(await world.AddRecipeType("diamond", Definitions.Definition(Definitions.SceneInput,
            Definitions.Node("a", Definitions.Job("work"), "", "IN=SCENE"),
            Definitions.Node("b", Definitions.Job("work"), "a", "IN=a.OUT"),
            Definitions.Node("c", Definitions.Job("work"), "a", "IN=a.OUT"),
            Definitions.Node("d", Definitions.Job("work"), "b c", "IN=c.OUT"))));
        await world.Restart();
    }

    private async Task AskForSomething()
    {
        for (var asks = random.Next(3); asks > 0; asks--)
        {
            switch (random.Next(16))
            {
                case < 4:
                    var (type, revision) = recipeTypes[random.Next(recipeTypes.Count)];
                    var file = await world.AddFile($"scene-{random.Next(6)}.tif", dataStarted: world.Clock.Now);
                    await world.Write(session => RecipeCreation.Create(session, RecipeRequest.ByUser(type, revision, EngineWorld.Files("SCENE", file), "{}", null), world.Clock.Now));
                    break;
                case < 7:
                    var jobs = new List<long>();
                    for (var count = random.Next(1, 5); count > 0; count--)
                    {
                        jobs.Add(await world.AddJob(jobTypes[random.Next(jobTypes.Count)]));
                    }

                    await world.Write(session => CommandLog.Append(session, QueueCommand.CommandKind, QueueCommand.Arguments(jobs), world.Clock.Now));
                    break;
                case 7:
                    await Operate(JobAction.Cancel);
                    break;
                case 8:
                    await Operate(JobAction.Requeue);
                    break;
                case 9:
                    await world.Write(s => s.Execute("UPDATE job_type SET is_paused = NOT is_paused, last_modified = last_modified + 1 WHERE id = @id", ("id", jobTypes[random.Next(jobTypes.Count)])));
                    break;
                case 10:
                    await world.Write(s => s.Execute("UPDATE node SET is_paused = NOT is_paused WHERE hostname = 'node-2'"));
                    break;
                case 11:
                    await Batch();
                    break;
                case 12 when rootBatches.Count > 0:
                    await BatchAgain(rootBatches[random.Next(rootBatches.Count)]);
                    break;
                case 13 when rootBatches.Count > 0:
                    await OrderOfBatch();
                    break;
                case 14:
                    await LegacyBatch();
                    break;
                default:
                    await world.Write(s => s.Execute("UPDATE scheduler SET queue_mode = CASE queue_mode WHEN 'FIFO' THEN 'LIFO' ELSE 'FIFO' END"));
                    break;
            }
        }
    }

    private async Task Batch()
    {
        var dataset = await world.Write(session => session.Insert("dataset", ("definition", BatchWorld.Scenes), ("created", world.Clock.Now)));
        var count = random.Next(1, 4);
        await world.Write(session => session.Execute("UPDATE dataset SET member_count = @count WHERE id = @id", ("count", count), ("id", dataset)));
        for (var members = count; members > 0; members--)
        {
            var file = await world.AddFile($"scene-{random.Next(6)}.tif");
            await world.Write(session => session.Insert("dataset_member",
                ("dataset_id", dataset), ("data", EngineWorld.Files("SCENE", file).ToText()), ("file_ids", $"[{file}]"), ("created", world.Clock.Now)));
        }

        var request = BatchWorld.Request(recipeTypes[random.Next(recipeTypes.Count)].TypeId, BatchWorld.OfDataset(dataset), random.Next(2) == 0 ? """{"priority":20}""" : "{}");
        var (id, verdict) = await world.Write(session => new BatchCreation(new RecipeTypeCatalog()).Create(session, request, world.Clock.Now));
        Assert.Empty(verdict.Errors);
        rootBatches.Add(id!.Value);
    }

    /// <summary>Runs everything of a batch again; refused while it is still being made.</summary>
    private async Task BatchAgain(long rootBatch)
    {
        var type = await world.Value<long>("SELECT recipe_type_id FROM batch WHERE id = @id", ("id", rootBatch));
        var request = BatchWorld.Request(type, BatchWorld.OfPrevious(rootBatch, ""","forced_nodes":{"all":true}"""));
        await world.Write(session => new BatchCreation(new RecipeTypeCatalog()).Create(session, request, world.Clock.Now));
    }

    private async Task OrderOfBatch()
    {
        var batches = await world.Values("SELECT id FROM batch ORDER BY id", r => r.GetInt64(0));
        Func<Session, long, DateTime, Task<BatchControlResult>> order = random.Next(7) switch
        {
            0 => BatchControl.Cancel,
            1 or 2 => BatchControl.RetryFailed,
            3 or 4 => BatchControl.Pause,
            _ => BatchControl.Resume,
        };
        var batch = batches[random.Next(batches.Count)];
        await world.Write(session => order(session, batch, world.Clock.Now));
    }

    /// <summary>Of the v5 services: runs old recipes again, and makes new ones of files that have none.</summary>
    private async Task LegacyBatch()
    {
        const string OnFiles = "\"trigger_rule\":{\"data\":{\"input_data_name\":\"SCENE\",\"workspace_name\":\"" + EngineWorld.ProductWorkspace + "\"}}";
        var forced = random.Next(2) == 0 ? "\"all_jobs\":true" : "\"job_names\":[\"b\"]";
        var definition = LegacyBatchDefinition.Parse(System.Text.Json.JsonElement.Parse($"{{{forced},{OnFiles}}}")).Required();
        var request = new LegacyBatchRequest(recipeTypes[random.Next(recipeTypes.Count)].TypeId, null, null, definition, null);
        var (id, _) = await world.Write(session => new LegacyBatchCreation(new RecipeTypeCatalog()).Create(session, request, world.Clock.Now));
        rootBatches.Add(id!.Value);
    }

    /// <summary>Some of the latest jobs by id, or all in some status.</summary>
    private async Task Operate(JobAction action)
    {
        var latest = await world.Values("SELECT id FROM job ORDER BY id DESC LIMIT 20", r => r.GetInt64(0));
        var selection = random.Next(4) == 0
            ? new JobSelection { Statuses = [(JobStatus)random.Next(7)] }
            : new JobSelection { JobIds = [.. latest.Where(_ => random.Next(4) == 0)] };
        if (selection.Statuses.Count + selection.JobIds.Count > 0)
        {
            var operation = new JobOperation(action, selection, latest.FirstOrDefault(), random.Next(2) == 0 ? 10 : null, "test");
            await world.Write(session => operation.Append(session, world.Clock.Now));
        }
    }

    private void MoveCluster()
    {
        foreach (var key in world.Cluster.Live.Keys.Order(Comparer<ExecutionKey>.Create((a, b) => a.ExecutionId.CompareTo(b.ExecutionId))).ToList())
        {
            if (world.Cluster.Killed.Contains(key))
            {
                if (random.Next(2) == 0)
                {
                    End(key, random.Next(4) == 0 ? ExecutionOutcome.Completed : ExecutionOutcome.Killed);
                }
            }
            else if (random.Next(3) == 0)
            {
                EndByItself(key);
            }
        }

        foreach (var report in delayed.Where(_ => random.Next(3) == 0).ToList())
        {
            delayed.Remove(report);
            world.Cluster.Sink!.Post(report);
        }
    }

    private void EndByItself(ExecutionKey key)
    {
        switch (random.Next(20))
        {
            case 0:
                world.Cluster.Forget(key);
                break;
            case 1:
                End(key, ExecutionOutcome.Failed, "algorithm-unknown");
                break;
            case 2:
                End(key, ExecutionOutcome.Failed, "own-error", isBuiltin: false);
                break;
            case < 6:
                End(key, ExecutionOutcome.Failed, "filesystem-io");
                break;
            case 6:
                End(key, ExecutionOutcome.NotStarted);
                break;
            default:
                End(key, ExecutionOutcome.Completed);
                break;
        }
    }

    private void End(ExecutionKey key, ExecutionOutcome outcome, string? error = null, bool isBuiltin = true) => world.Cluster.End(key, outcome, error, isBuiltin);

    private IEnumerable<ExecutionReport> Deliver(ExecutionReport report)
    {
        switch (isCalm ? 9 : random.Next(10))
        {
            case 0:
                return [];
            case 1:
                delayed.Add(report);
                return random.Next(2) == 0 ? [] : [report];
            case 2:
                return [report, report];
            default:
                return [report];
        }
    }

    private void MoveClock() => world.Clock.Advance(random.Next(30) switch
    {
        0 => TimeSpan.FromHours(random.Next(1, 6)),
        1 => TimeSpan.FromHours(-random.Next(1, 3)),
        2 => TimeSpan.FromMinutes(11),
        _ => TimeSpan.FromMilliseconds(random.Next(5_000)),
    });

    private void Arm()
    {
        if (random.Next(4) == 0)
        {
            faults.CrashAfter(random.Next(120));
        }
        else if (random.Next(8) == 0)
        {
            faults.FailAfter(random.Next(60));
        }
    }

    /// <summary>Some steps of the leader, or as many as it survives; then the rules.</summary>
    private async Task Step(string moment)
    {
        for (var steps = random.Next(1, 4); steps > 0; steps--)
        {
            var outcome = "stepped";
            try
            {
                await world.Leader.Step(CancellationToken.None);
            }
            catch (SimulatedCrash)
            {
                outcome = "crashed";
                await Recover(world.Restart);
            }
            catch (SimulatedDatabaseFailure)
            {
                outcome = "lost the database";
                await Recover(world.StartAgain);
            }

            await Check($"{moment}, after the leader {outcome}");
        }

        faults.Clear();
    }

    private async Task Recover(Func<Task> start)
    {
        faults.Clear();
        if (random.Next(3) == 0)
        {
            faults.CrashAfter(random.Next(30));
        }

        try
        {
            await start();
        }
        catch (SimulatedCrash)
        {
            faults.Clear();
            await world.Restart();
        }

        faults.Clear();
    }

    private async Task Check(string moment)
    {
        var crashed = faults.IsCrashed;
        Assert.False(crashed, "a crash was swallowed");
        faults.Clear();
        Assert.True(world.Cluster.Violations.Count == 0, $"{moment}: {string.Join("; ", world.Cluster.Violations)}");
        // The writer keeps its statements prepared, and these are asked thousands of times.
        var broken = await world.Write(Rules.BrokenAlways);
        Assert.True(broken.Count == 0, $"{moment}: {string.Join("; ", broken)}");
    }

    /// <summary>Faults end and pauses are lifted; whatever was going on must come to an end.</summary>
    private async Task ComeToRest()
    {
        isCalm = true;
        await world.Write(async session =>
        {
            foreach (var batch in await session.Query("SELECT id FROM batch WHERE is_paused = TRUE", r => r.GetInt64(0)))
            {
                await BatchControl.Resume(session, batch, world.Clock.Now);
            }

            await session.Execute("UPDATE job_type SET is_paused = FALSE, last_modified = last_modified + 1");
            return await session.Execute("UPDATE node SET is_paused = FALSE");
        });
        delayed.ForEach(world.Cluster.Sink!.Post);
        for (var round = 0; round < 200; round++)
        {
            await world.Pass(TimeSpan.FromMinutes(11));
            if (world.Cluster.Live.Count == 0 && (await world.Read(Rules.BrokenAtRest)).Count == 0)
            {
                break;
            }

            foreach (var key in world.Cluster.Live.Keys.ToList())
            {
                End(key, world.Cluster.Killed.Contains(key) ? ExecutionOutcome.Killed : ExecutionOutcome.Completed);
            }
        }

        var broken = await world.Read(Rules.BrokenAtRest);
        Assert.True(broken.Count == 0, $"at rest: {string.Join("; ", broken)}");
        await Check("at rest");
    }

    private static string Root() => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>A database with the schema, to be copied for each seed.</summary>
    private static async Task<byte[]> MakeTemplate()
    {
        var folder = Directory.CreateTempSubdirectory("scale-simulation-");
        var path = Path.Combine(folder.FullName, "scale.db");
        await using (var database = await Database.OpenSqlite(path, new VirtualClock()))
        {
            SqliteConnection.ClearPool(new SqliteConnection(database.ConnectionString));
        }

        var template = await File.ReadAllBytesAsync(path);
        folder.Delete(recursive: true);
        return template;
    }
}
