using Scale.Engine.Jobs;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Writes what a round decided. Every list is one statement; an empty list is none.</summary>
internal sealed class RoundWriter(RecipeRound round, IJobTransitions transitions, InputFiles files, NodeCreation creation)
{
    private readonly List<NewJob> newJobs = [];
    private readonly List<ConditionRow> newConditions = [];
    private readonly List<ConditionRow> decided = [];
    private readonly Dictionary<long, JobInput> inputs = [];
    private readonly List<InputLink> jobLinks = [];
    private readonly List<InputLink> recipeLinks = [];
    private readonly List<JobSource> sources = [];
    private readonly List<NewNode> newNodes = [];
    private readonly List<JobToQueue> toQueue = [];
    private readonly List<JobWork> queued = [];
    private readonly List<(long Id, string Input)> subInputs = [];
    private readonly List<(long Id, bool IsHeldBack, string? Error)> subHolds = [];
    private readonly Dictionary<long, string> cancelReasons = [];
    private readonly HashSet<JobWork> moved = [];

    private Session Session => round.Session;
    private DateTime Now => round.Now;

    public async Task Write(BatchCounters batches)
    {
        Collect();
        await RecipeJobWrites.Insert(Session, newJobs, Now);
        await RecipeWrites.Insert(Session, newConditions, Now);
        await RecipeWrites.Insert(Session, newNodes);
        await RecipeWrites.Decide(Session, decided, Now);
        await RecipeWrites.SetInputs(Session, subInputs);
        await RecipeWrites.SetHolds(Session, subHolds, Now);
        await RecipeJobWrites.InsertInputs(Session, jobLinks);
        await RecipeJobWrites.InsertSources(Session, sources, Now);
        await RecipeWrites.InsertRecipeInputs(Session, recipeLinks);
        await MoveJobs();
        await RecipeJobWrites.SetInputs(Session, [.. inputs.Values], Now);
        await WriteRecipes(batches);
    }

    private void Collect()
    {
        foreach (var work in round.Works)
        {
            if (work.HasNewInputLinks)
            {
                recipeLinks.AddRange(InputFiles.Links(work.Input).Select(l => new InputLink(work.Row.Id, l.Input, l.FileId)));
            }

            foreach (var index in work.NewNodes)
            {
                AddNode(work, index, work.Nodes[index]!);
            }

            for (var index = 0; index < work.Nodes.Length; index++)
            {
                switch (work.Nodes[index])
                {
                    case JobWork job:
                        Collect(work, index, job);
                        break;
                    case ConditionWork { IsChanged: true, IsNew: false } condition:
                        decided.Add(RowOf(work, condition));
                        condition.IsChanged = false;
                        break;
                    case SubRecipeWork { NewRow: null } sub:
                        Collect(sub);
                        break;
                }
            }
        }
    }

    private void AddNode(RecipeWork work, int index, NodeWork node)
    {
        // A copied node is not new: it was there in the superseded recipe.
        var isOriginal = node.IsNew;
        newNodes.Add(new NewNode(
            work.Row.Id,
            work.Graph.Nodes[index].Name,
            node is JobWork ? node.Id : null,
            node is SubRecipeWork ? node.Id : null,
            node is ConditionWork ? node.Id : null,
            isOriginal));
        switch (node)
        {
            case JobWork { IsNew: true } job:
                newJobs.Add(RowOf(work, index, job));
                break;
            case ConditionWork { IsNew: true } condition:
                newConditions.Add(RowOf(work, condition));
                break;
        }
    }

    private NewJob RowOf(RecipeWork work, int index, JobWork job)
    {
        var predecessor = creation.PredecessorOf(work, index);
        return new NewJob(
            job.Id,
            job.JobTypeId,
            ((NodeTarget.Job)work.Revision.Targets[index]!).RevisionId,
            job.IsReady ? JobStatus.Queued : job.Status,
            creation.TypeOf(job).MaxTries,
            work.Row.EventId,
            work.Row.IngestEventId,
            work.Row.Id,
            work.Row.RecipeTypeId,
            work.Row.FamilyId,
            work.Graph.Nodes[index].Name,
            work.Row.BatchId,
            predecessor.JobId,
            predecessor.RootJobId,
            job.Configuration,
            job.NewInput?.ToText(),
            job.NewInput is null ? null : files.Summarize(job.NewInput));
    }

    private static ConditionRow RowOf(RecipeWork work, ConditionWork condition) => new(
        condition.Id, work.Row.Id, work.Row.FamilyId, work.Row.BatchId, condition.Data?.ToText(), condition.IsProcessed, condition.IsAccepted, condition.Error);

    private void Collect(RecipeWork work, int index, JobWork job)
    {
        if (job.NewInput is { } input)
        {
            var summary = files.Summarize(input);
            job.InputMiB = summary.SizeMiB;
            if (!job.IsNew)
            {
                inputs[job.Id] = new JobInput(job.Id, input.ToText(), summary);
            }

            jobLinks.AddRange(InputFiles.Links(input).Select(l => new InputLink(job.Id, l.Input, l.FileId)));
            sources.AddRange(files.SourcesOf(input).Select(id => new JobSource(id, job.Id, work.Row.Id, job.BatchId)));
            job.NewInput = null;
        }

        if (job.CancelReason is { } reason)
        {
            cancelReasons[job.Id] = reason;
        }

        if (job.IsReady)
        {
            job.IsReady = false;
            queued.Add(job);
            toQueue.Add(new JobToQueue(job.Id, job.JobTypeId, job.NumExes, job.InputMiB, job.Configuration, job.BatchId, IsInserted: job.IsNew, NewInput: inputs.GetValueOrDefault(job.Id)));
        }
        else if (!job.IsNew && job.Status != job.StoredStatus)
        {
            moved.Add(job);
        }
    }

    private void Collect(SubRecipeWork sub)
    {
        if (sub.NewInput is { } input)
        {
            subInputs.Add((sub.Id, input));
            sub.NewInput = null;
        }

        if (sub.IsHoldChanged)
        {
            subHolds.Add((sub.Id, sub.IsHeldBack, sub.Error));
            sub.IsHoldChanged = false;
        }
    }

    private async Task MoveJobs()
    {
        await RecipeJobWrites.Move(Session, IdsOf(JobStatus.Blocked), JobStatus.Pending, JobStatus.Blocked, Now);
        await RecipeJobWrites.Move(Session, IdsOf(JobStatus.Pending), JobStatus.Blocked, JobStatus.Pending, Now);
        if (IdsOf(JobStatus.Canceled) is { Length: > 0 } unusable)
        {
            await transitions.CancelEvaluated(round.Transaction, unusable);
        }

        await RecipeJobWrites.SetCancelReasons(Session, [.. cancelReasons.Select(r => (r.Key, r.Value))]);
        if (toQueue.Count > 0)
        {
            var done = (await transitions.Queue(round.Transaction, toQueue)).ToHashSet();
            foreach (var job in queued.Where(j => done.Contains(j.Id)))
            {
                job.Status = JobStatus.Queued;
                job.NumExes++;
                inputs.Remove(job.Id);
            }

            round.Transaction.QueueChanged = true;
        }
    }

    private long[] IdsOf(JobStatus status) => [.. moved.Where(j => j.Status == status).Select(j => j.Id)];

    private async Task WriteRecipes(BatchCounters batches)
    {
        var changed = round.Works.Where(w => w.Finish(batches, Now)).ToList();
        await RecipeWrites.Insert(Session, changed.Where(w => w.IsNew).Select(w => w.Row).ToList());
        await RecipeWrites.SetHolds(
            Session, changed.Where(w => w.IsNew && (w.Row.IsHeldBack || w.IsRefused)).Select(w => (w.Row.Id, w.Row.IsHeldBack, w.Row.Error)).ToList(), Now);
        await RecipeWrites.UpdateProgress(Session, changed.Where(w => !w.IsNew).Select(w => w.Row).ToList(), Now);
        await RecipeWrites.SetInputSummaries(Session, round.Works.Where(w => w is { IsNew: false, HasNewInputLinks: true }).Select(w => w.Row).ToList());
        await TouchHolders(changed);
    }

    /// <summary>Other recipes count the same jobs and sub-recipes: superseded ones that share them, and containers.</summary>
    private async Task TouchHolders(List<RecipeWork> changed)
    {
        var touched = round.Transaction.TouchedRecipes;
        var here = round.Works.Select(w => w.Row.Id).ToHashSet();

        // What was touched before is up to date if it took part here: its jobs are the same objects.
        touched.ExceptWith(here);
        touched.UnionWith(subInputs.Select(s => s.Id));
        touched.UnionWith(subHolds.Select(s => s.Id));
        long[] jobIds = [.. moved.Select(j => j.Id), .. queued.Where(j => !j.IsNew).Select(j => j.Id)];
        if (jobIds.Length > 0)
        {
            touched.UnionWith((await RecipeReads.HoldersOfJobs(Session, jobIds)).Where(id => !here.Contains(id)));
        }

        long[] subRecipeIds = [.. changed.Where(w => w.Row.ContainerId is not null).Select(w => w.Row.Id)];
        if (subRecipeIds.Length > 0)
        {
            touched.UnionWith(await RecipeReads.HoldersOfSubRecipes(Session, subRecipeIds));
        }
    }
}
