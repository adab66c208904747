using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Scale.Engine.Clusters;
using Scale.Engine.Commands;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Leadership;

/// <summary>A whole engine but for its cluster, on a fresh database, a virtual clock and the test's own thread.</summary>
internal sealed class EngineWorld : IAsyncDisposable
{
    public const string ProductWorkspace = "products";

    private readonly Func<ValueTask> dispose;
    private readonly IReadOnlyList<ICommandHandler> handlers;
    private ServiceProvider services;

    public EngineWorld(Database database, VirtualClock clock, ScriptedCluster cluster, IReadOnlyList<ICommandHandler> handlers, Func<ValueTask> dispose)
    {
        (Database, Clock, Cluster, this.handlers, this.dispose) = (database, clock, cluster, handlers, dispose);
        cluster.Now = () => clock.Now;
        services = Build();
    }

    public Database Database { get; }
    public VirtualClock Clock { get; }
    public ScriptedCluster Cluster { get; }

    public Leader Leader => services.GetRequiredService<Leader>();
    public ReportInbox Inbox => services.GetRequiredService<ReportInbox>();
    public JobTransitions Transitions => services.GetRequiredService<JobTransitions>();
    public IRecipeEvaluation Evaluation => services.GetRequiredService<IRecipeEvaluation>();
    public EngineWriter Writer => services.GetRequiredService<EngineWriter>();
    public ExecutionSpecs Specs => services.GetRequiredService<ExecutionSpecs>();
    public LeaderLease? Lease { get; private set; }

    /// <summary>How operations on jobs are cut; takes effect with the next <see cref="Restart"/>.</summary>
    public JobOperationLimits OperationLimits { get; set; } = JobOperationLimits.Default;

    /// <summary>A world that already leads, with a workspace for products.</summary>
    public static async Task<EngineWorld> Create(Provider provider, params ICommandHandler[] handlers)
    {
        var clock = new VirtualClock();
        var test = await TestDatabase.Create(provider, clock);
        var world = new EngineWorld(test.Database, clock, new ScriptedCluster(), handlers, test.DisposeAsync);
        await world.AddWorkspace(ProductWorkspace);
        await world.Restart();
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await dispose();
    }

    /// <summary>What a new process does: nothing in memory is left, the database and the cluster go on.</summary>
    public async Task Restart()
    {
        await services.DisposeAsync();
        services = Build();
        await StartAgain();
    }

    /// <summary>What the service around a leader does after a failure: a new epoch in the same process.</summary>
    public async Task StartAgain()
    {
        Lease = await LeaderLease.Raise(Database, Clock, "test", CancellationToken.None);
        await Leader.Start(Lease, CancellationToken.None);
    }

    /// <summary>Steps until there is nothing to do.</summary>
    public async Task Settle()
    {
        for (var steps = 0; await Leader.Step(CancellationToken.None); steps++)
        {
            Assert.True(steps < 10_000, "the leader never comes to rest");
        }
    }

    /// <summary>Lets time pass, and the leader with it.</summary>
    public async Task Pass(TimeSpan time)
    {
        Clock.Advance(time);
        Leader.LookAgain();
        await Settle();
    }

    public Task AddWorkspace(string name, string? baseUrl = null) => Write(session => session.Insert("workspace",
        ("name", name), ("title", name), ("base_url", baseUrl), ("configuration", "{}"), ("created", Clock.Now), ("last_modified", Clock.Now)));

    /// <summary>A job type whose products go to the workspace for products; by default one file <c>IN</c> to one file <c>OUT</c>.</summary>
    public Task<long> AddJobType(string name, string? manifest = null, int? priority = null, int? maxScheduled = null, int maxTries = 3) => Write(async session =>
    {
        var text = SeedManifest.Parse(JsonElement.Parse(manifest ?? Definitions.Manifest(name))).Required().NormalForm;
        var configuration = $$"""{"version":"7","output_workspaces":{"default":"{{ProductWorkspace}}"}{{(priority is null ? "" : $",\"priority\":{priority}")}}}""";
        var id = await session.Insert("job_type",
            ("name", name), ("version", "1.0.0"), ("version_order", "1"), ("title", name), ("description", name), ("docker_image", "dir:" + name), ("manifest", text),
            ("configuration", configuration), ("revision_id", 0L), ("revision_num", 1), ("max_scheduled", maxScheduled), ("max_tries", maxTries),
            ("created", Clock.Now), ("last_modified", Clock.Now));
        var revision = await session.Insert("job_type_revision", ("job_type_id", id), ("revision_num", 1), ("manifest", text), ("docker_image", "dir:" + name), ("created", Clock.Now));
        await session.Execute("UPDATE job_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
        return id;
    });

    public Task<(long TypeId, long RevisionId)> AddRecipeType(string name, string definition) => Write(async session =>
    {
        var id = await session.Insert("recipe_type",
            ("name", name), ("title", name), ("definition", definition), ("revision_id", 0L), ("revision_num", 1), ("created", Clock.Now), ("last_modified", Clock.Now));
        var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", 1), ("definition", definition), ("created", Clock.Now));
        await session.Execute("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
        return (id, revision);
    });

    /// <summary>A recipe on a new file, evaluated with the next step.</summary>
    public async Task<long> AddRecipe((long TypeId, long RevisionId) type)
    {
        var file = await AddFile();
        return await Write(session => RecipeCreation.Create(session, RecipeRequest.ByUser(type.TypeId, type.RevisionId, Files("SCENE", file), "{}", null), Clock.Now));
    }

    public Task<long> JobAt(long recipeId, string node) => Value<long>("SELECT job_id FROM recipe_node WHERE recipe_id = @id AND node_name = @node", ("id", recipeId), ("node", node));

    public Task AddError(string jobTypeName, string name) => Write(session => session.Insert("error",
        ("name", name), ("job_type_name", jobTypeName), ("category", 2), ("is_builtin", false), ("should_be_retried", false), ("created", Clock.Now), ("last_modified", Clock.Now)));

    public Task<long> AddFile(string name = "scene.tif", bool isSource = true, DateTime? dataStarted = null) => Write(session => session.Insert("file",
        ("file_name", name), ("workspace_id", 1L), ("file_path", "in/" + name), ("file_type", (short)(isSource ? 0 : 1)), ("media_type", "image/tiff"), ("file_size", 1_000_000L),
        ("uuid", "uuid-" + name), ("data_started", dataStarted), ("created", Clock.Now), ("last_modified", Clock.Now)));

    /// <summary>A PENDING job with input outside of recipes.</summary>
    /// <param name="inputs">Files at <c>IN</c>; none for a job without input data.</param>
    public Task<long> AddJob(long jobTypeId, params long[] inputs) => Write(session => session.QueryFirst(
        """
        INSERT INTO job (job_type_id, job_type_rev_id, status, max_tries, input, input_file_size, created, last_modified)
        SELECT id, revision_id, 0, max_tries, @input, @size, @now, @now FROM job_type WHERE id = @type RETURNING id
        """,
        r => r.GetInt64(0),
        ("type", jobTypeId), ("input", inputs.Length == 0 ? DataValues.Empty.ToText() : Files("IN", inputs).ToText()), ("size", (double)inputs.Length), ("now", Clock.Now)));

    public static DataValues Files(string name, params long[] ids) =>
        new(ImmutableSortedDictionary.Create<string, ImmutableArray<long>>(StringComparer.Ordinal).Add(name, [.. ids]), DataValues.NoJson);

    /// <summary>Queues jobs as recipes or requests do.</summary>
    public Task<IReadOnlyList<long>> Queue(params long[] jobIds) => QueueWith(null, jobIds);

    public async Task<IReadOnlyList<long>> QueueWith(int? priority, params long[] jobIds)
    {
        var jobs = await Read(session => session.Query(
            "SELECT id, job_type_id, num_exes, coalesce(input_file_size, 0), configuration, batch_id FROM job WHERE id IN @ids",
            r => new JobToQueue(r.GetInt64(0), r.GetInt64(1), r.GetInt32(2), r.GetDouble(3), r.Text(4), r.Long(5), priority), ("ids", jobIds)));
        return await Act(transaction => Transitions.Queue(transaction, jobs));
    }

    public Task<IReadOnlyList<long>> Cancel(params long[] jobIds) => Act(transaction => Transitions.Cancel(transaction, jobIds));

    /// <summary>Requeues jobs as they stand now.</summary>
    public async Task<IReadOnlyList<long>> Requeue(int? priority, bool isNamed, params long[] jobIds)
    {
        var jobs = await Read(session => session.Query("SELECT id, num_exes FROM job WHERE id IN @ids", r => (r.GetInt64(0), r.GetInt32(1)), ("ids", jobIds)));
        return await Act(transaction => Transitions.Requeue(transaction, jobs, priority, isNamed));
    }

    /// <summary>One write of the leader; what follows from it comes with its next step.</summary>
    public Task<T> Act<T>(Func<EngineTransaction, Task<T>> work) => Writer.Write(work, CancellationToken.None);

    /// <summary>A job that runs, of a type with no input.</summary>
    public async Task<long> RunningJob(long jobTypeId)
    {
        var job = await AddJob(jobTypeId);
        await Queue(job);
        await Settle();
        Assert.Equal(JobStatus.Running, await Status(job));
        return job;
    }

    public async Task End(long jobId, ExecutionOutcome outcome, string? errorName = null, bool isBuiltin = true)
    {
        Cluster.End(Cluster.LiveOf(jobId), outcome, errorName, isBuiltin);
        await Settle();
    }

    public async Task<JobStatus> Status(long jobId) => (JobStatus)await Value<long>("SELECT status FROM job WHERE id = @id", ("id", jobId));

    public async Task<ExecutionStatus> ExecutionStatus(long jobId, int exeNum) =>
        (ExecutionStatus)await Value<long>("SELECT status FROM job_exe WHERE job_id = @id AND exe_num = @exe", ("id", jobId), ("exe", exeNum));

    public Task<string?> ErrorOf(long jobId) =>
        Read(s => s.QueryFirst("SELECT e.name FROM job j LEFT JOIN error e ON e.id = j.error_id WHERE j.id = @id", r => r.Text(0), ("id", jobId)));

    /// <summary>One value, converted; null is <c>default</c>.</summary>
    public async Task<T?> Value<T>(string sql, params (string, object?)[] arguments)
    {
        var value = await Read(session => session.QueryFirst(sql, r => r.IsDBNull(0) ? null : r.GetValue(0), arguments));
        return value is null ? default : (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task<List<T>> Values<T>(string sql, Func<System.Data.Common.DbDataReader, T> read, params (string, object?)[] arguments) =>
        await Read(session => session.Query(sql, read, arguments));

    public async Task<T> Read<T>(Func<Session, Task<T>> work)
    {
        await using var session = await Database.Read();
        return await work(session);
    }

    public async Task<T> Write<T>(Func<Session, Task<T>> work)
    {
        await using var session = await Database.Write();
        var result = await work(session);
        await session.Commit();
        return result;
    }

    /// <summary>Nothing that may never happen has happened so far.</summary>
    public async Task AssertSound()
    {
        Assert.Empty(Cluster.Violations);
        Assert.Empty(await Read(session => ConsistencyCheck.Run(session)));
    }

    private ServiceProvider Build()
    {
        var collection = new ServiceCollection().AddSingleton<TimeProvider>(Clock).AddSingleton(Database).AddSingleton<ICluster>(Cluster);
        collection.AddSingleton(OperationLimits).AddScaleLeader().AddScaleRecipes();
        foreach (var handler in handlers)
        {
            collection.AddSingleton(handler);
        }

        var provider = collection.BuildServiceProvider();
        Cluster.Sink = provider.GetRequiredService<ReportInbox>();
        return provider;
    }
}
