using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>
/// Evaluates a set of recipes together (recipes.md §10.6): everything known is loaded, the pure <see cref="RecipeProgress"/> is asked until nothing
/// more follows, and what came out is written with a number of statements that does not depend on the number of recipes.
/// </summary>
internal sealed class RecipeRound(EngineTransaction transaction, RecipeTypeCatalog catalog, IJobTransitions transitions)
{
    private readonly Dictionary<long, JobWork> jobs = [];
    private readonly Dictionary<long, ConditionWork> conditions = [];
    private readonly Dictionary<long, SubRecipeWork> subRecipes = [];
    private readonly List<RecipeWork> works = [];

    public EngineTransaction Transaction { get; } = transaction;
    public Session Session => Transaction.Session;
    public DateTime Now => Transaction.Now;
    public RecipeTypeCatalog Catalog { get; } = catalog;
    public IReadOnlyList<RecipeWork> Works => works;

    /// <summary>Sub-recipes made in this round, to be inserted and evaluated in the next.</summary>
    public List<NewSubRecipe> NewSubRecipes { get; } = [];

    /// <summary>What was read for earlier rounds already.</summary>
    public RoundReads Reads { get; init; } = new(transaction.Session);

    /// <summary>Where ids of new rows come from.</summary>
    public Func<string, int, Task<IReadOnlyList<long>>> AllocateIds { get; init; } = async (table, count) => await transaction.Session.AllocateIds(table, count);

    public void Add(RecipeWork work) => works.Add(work);

    /// <summary>Loads recipes with their nodes into the round.</summary>
    public async Task<IReadOnlyList<RecipeWork>> Load(long[] ids)
    {
        var loaded = await Read(ids);
        works.AddRange(loaded);
        return loaded;
    }

    private async Task<List<RecipeWork>> Read(long[] ids)
    {
        var (recipes, nodes) = (RecipeReads.Recipes(Session, ids), RecipeReads.Nodes(Session, ids));
        var rows = await recipes;
        await Catalog.Load(Session, rows.Select(r => r.RevisionId));
        var byId = rows.ToDictionary(r => r.Id, r => new RecipeWork(r, Catalog[r.RevisionId], isNew: false));
        if (byId.Values.Any(w => w.Revision.HasConditions))
        {
            foreach (var condition in await RecipeReads.Conditions(Session, ids))
            {
                conditions.TryAdd(condition.Id, new ConditionWork
                {
                    Id = condition.Id,
                    IsProcessed = condition.IsProcessed,
                    IsAccepted = condition.IsAccepted,
                    HasError = condition.HasError,
                    Data = condition.Data is null ? null : Model.Data.DataValues.FromText(condition.Data),
                });
            }
        }

        if (byId.Values.Any(w => w.Revision.HasSubRecipes))
        {
            foreach (var sub in await RecipeReads.SubRecipes(Session, ids))
            {
                subRecipes.TryAdd(sub.Id, SubRecipeWork.Of(sub));
            }
        }

        foreach (var node in await nodes)
        {
            var work = byId[node.RecipeId];
            var index = work.Graph.IndexOf(node.Name);
            if (index >= 0)
            {
                work.Nodes[index] = WorkOf(node);
            }
        }

        return [.. byId.Values];
    }

    private NodeWork? WorkOf(StoredNode node)
    {
        if (node.JobId is { } jobId && node.Job.JobTypeId != 0)
        {
            if (!jobs.TryGetValue(jobId, out var job))
            {
                var row = node.Job;
                jobs[jobId] = job = new JobWork
                {
                    Id = jobId,
                    JobTypeId = row.JobTypeId,
                    StoredStatus = row.Status,
                    Status = row.Status,
                    NumExes = row.NumExes,
                    HasInput = row.HasInput,
                    InputMiB = row.InputMiB ?? 0,
                    IsSuperseded = row.IsSuperseded,
                    Configuration = row.Configuration,
                    BatchId = row.BatchId,
                    Started = row.Started,
                    Ended = row.Ended,
                    MainStarted = row.MainStarted,
                    MainEnded = row.MainEnded,
                };
            }

            return job;
        }

        return node.ConditionId is { } conditionId ? conditions.GetValueOrDefault(conditionId)
            : node.SubRecipeId is { } subRecipeId ? subRecipes.GetValueOrDefault(subRecipeId)
            : null;
    }

    /// <summary>Evaluates what was loaded and added, and writes it.</summary>
    public async Task Run(BatchCounters batches)
    {
        var creation = new NodeCreation(this);
        await Decide(creation);
        await Reads.Files.Load(works.SelectMany(w => w.Nodes).OfType<JobWork>().Select(j => j.NewInput).OfType<Model.Data.DataValues>());
        await new RoundWriter(this, transitions, Reads.Files, creation).Write(batches);
    }

    /// <summary>Evaluates what was added and writes nothing: what would be lies in the works and in <see cref="NewSubRecipes"/>.</summary>
    public Task Foresee() => Decide(new NodeCreation(this));

    private async Task Decide(NodeCreation creation)
    {
        await ProcessInputs();
        var assembly = new InputAssembly(Session);
        var open = works.Where(w => !w.Row.IsSuperseded).ToList();
        while (open.Count > 0)
        {
            var steps = open.ConvertAll(w => (Work: w, Step: w.Advance()));
            await creation.Prepare(steps);
            var ready = new List<ReadyNode>();
            var again = new HashSet<RecipeWork>();
            foreach (var (work, step) in steps)
            {
                if (creation.Apply(work, step))
                {
                    again.Add(work);
                }

                Move(work, step.Block, JobStatus.Blocked);
                Move(work, step.Unblock, JobStatus.Pending);
                HoldBack(work, step.HoldBack, isHeldBack: true);
                HoldBack(work, step.Release, isHeldBack: false);
                if (work.IsRefused)
                {
                    CancelWaiting(work);
                }

                Collect(work, step.Queue, ready);
                Collect(work, step.GiveInput, ready);
                Collect(work, step.Decide, ready);
            }

            again.UnionWith(await assembly.Handle(ready));
            open = [.. again];
        }
    }

    /// <summary>recipes.md §10.1, once for every recipe.</summary>
    private async Task ProcessInputs()
    {
        var unprocessed = works.Where(w => w.Row is { Input: not null, InputSummary: null }).ToList();
        await Reads.Files.Load(unprocessed.Select(w => w.Input));
        foreach (var work in unprocessed)
        {
            work.Row.InputSummary = Reads.Files.Summarize(work.Input);
            work.HasNewInputLinks = true;
        }
    }

    private static void Move(RecipeWork work, IEnumerable<int> indexes, JobStatus status)
    {
        foreach (var index in indexes)
        {
            if (work.Nodes[index] is JobWork job)
            {
                job.Status = status;
            }
        }
    }

    private static void HoldBack(RecipeWork work, IEnumerable<int> indexes, bool isHeldBack)
    {
        foreach (var index in indexes)
        {
            (work.Nodes[index] as SubRecipeWork)?.HoldBack(isHeldBack);
        }
    }

    /// <summary>A recipe that can never begin says so at everything in it that would wait for ever.</summary>
    private static void CancelWaiting(RecipeWork work)
    {
        foreach (var node in work.Nodes)
        {
            if (node is JobWork { IsWaiting: true } job)
            {
                job.CancelBecause(work.Row.Error!);
            }
            else if (node is SubRecipeWork { HasInput: false, Error: null } sub)
            {
                sub.Refuse($"Recipe {work.Row.Id}, which holds it, can't begin: {work.Row.Error}");
            }
        }
    }

    private static void Collect(RecipeWork work, IEnumerable<int> indexes, List<ReadyNode> ready)
    {
        foreach (var index in indexes)
        {
            if (work.Nodes[index] is { IsHandled: false } node and not JobWork { Status: JobStatus.Canceled })
            {
                node.IsHandled = true;
                ready.Add(new ReadyNode(work, index, node));
            }
        }
    }
}

/// <summary>A node whose parents are done: it gets its input now.</summary>
internal readonly record struct ReadyNode(RecipeWork Work, int Index, NodeWork Node)
{
    public GraphNode Graph => Work.Graph.Nodes[Index];

    public NodeTarget? Target => Work.Revision.Targets[Index];
}
