using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>One recipe in the course of an evaluation: its row, its nodes, and what is to be written of both.</summary>
internal sealed class RecipeWork
{
    private readonly string oldStates;
    private readonly JobCounts oldJobs;
    private readonly int oldSubRecipesTotal;
    private readonly int oldSubRecipesCompleted;
    private readonly bool wasCompleted;
    private readonly NodeState[] states;
    private DataValues? input;

    public RecipeWork(StoredRecipe row, RecipeRevision revision, bool isNew)
    {
        Row = row;
        Revision = revision;
        IsNew = isNew;
        Nodes = new NodeWork?[revision.Graph.Nodes.Length];
        states = new NodeState[Nodes.Length];
        oldStates = row.NodeStates;
        oldJobs = row.Jobs;
        oldSubRecipesTotal = row.SubRecipesTotal;
        oldSubRecipesCompleted = row.SubRecipesCompleted;
        wasCompleted = row.IsCompleted;
    }

    public StoredRecipe Row { get; }
    public RecipeRevision Revision { get; }
    public RecipeGraph Graph => Revision.Graph;

    /// <summary>Its row is not inserted yet.</summary>
    public bool IsNew { get; }

    /// <summary>By node index; null where nothing exists.</summary>
    public NodeWork?[] Nodes { get; }

    /// <summary>Indexes of nodes whose row is not inserted yet.</summary>
    public List<int> NewNodes { get; } = [];

    /// <summary>Set while it is made by reprocessing: what to take from which recipe (recipes.md §11).</summary>
    public Reprocessing? Reprocessing { get; init; }

    /// <summary>Input links are to be inserted: input was processed now or copied.</summary>
    public bool HasNewInputLinks { get; set; }

    public bool IsDone { get; set; }

    /// <summary>It can never begin: nothing in it is queued, what waits in it is canceled (recipes.md §10.2).</summary>
    public bool IsRefused => Row.Error is not null;

    public DataValues Input => input ??= Row.Input is null ? DataValues.Empty : DataValues.FromText(Row.Input);

    public RecipeStep Advance()
    {
        ReadStates();
        var step = RecipeProgress.Advance(Graph, Row.Input is not null && !IsRefused, states, Row.IsHeldBack || IsRefused);
        IsDone = step.IsDone;
        return step;
    }

    /// <summary>Takes the states of the nodes over into the row and gives the batch its difference.</summary>
    /// <returns>Whether the row is to be written.</returns>
    public bool Finish(BatchCounters batches, DateTime now)
    {
        ReadStates();
        Row.NodeStates = NodeStates.Encode(Graph, states);
        Row.Jobs = NodeStates.Count(Row.NodeStates);
        (Row.SubRecipesTotal, Row.SubRecipesCompleted) = (0, 0);
        foreach (var sub in Nodes.OfType<SubRecipeWork>())
        {
            Row.Jobs += sub.Jobs;
            Row.SubRecipesTotal += 1 + sub.SubRecipesTotal;
            Row.SubRecipesCompleted += (sub.IsCompleted ? 1 : 0) + sub.SubRecipesCompleted;
        }

        if (IsDone && !wasCompleted && !Row.IsSuperseded)
        {
            Row.IsCompleted = true;
            Row.Completed = now;
        }

        if (Row is { BatchId: { } batchId, ContainerId: null })
        {
            batches.Add(
                batchId,
                Row.Jobs - oldJobs,
                (IsNew ? 1 : 0) + Row.SubRecipesTotal - oldSubRecipesTotal,
                (Row.IsCompleted ? 1 : 0) - (wasCompleted ? 1 : 0) + Row.SubRecipesCompleted - oldSubRecipesCompleted);
            foreach (var change in NodeStates.Delta(oldStates, Row.NodeStates))
            {
                batches.Move(batchId, Graph.Nodes[change.Index].Name, change.Old, change.New, Nodes[change.Index] as JobWork);
            }
        }

        return IsNew || Row.IsCompleted != wasCompleted || Row.Jobs != oldJobs || Row.NodeStates != oldStates
            || Row.SubRecipesTotal != oldSubRecipesTotal || Row.SubRecipesCompleted != oldSubRecipesCompleted;
    }

    private void ReadStates()
    {
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = Nodes[i]?.State ?? default;
        }
    }
}

/// <summary>What is at a node. A copied one is one object in every recipe that holds it.</summary>
internal abstract class NodeWork
{
    public required long Id { get; set; }

    /// <summary>Its row is not inserted yet.</summary>
    public bool IsNew { get; init; }

    /// <summary>Ready, and taken care of in this evaluation.</summary>
    public bool IsHandled { get; set; }

    public abstract NodeState State { get; }
}

internal sealed class JobWork : NodeWork
{
    public required long JobTypeId { get; init; }
    public required JobStatus StoredStatus { get; init; }
    public JobStatus Status { get; set; }
    public int NumExes { get; set; }
    public bool HasInput { get; set; }
    public double InputMiB { get; set; }
    public bool IsSuperseded { get; set; }
    public string? Configuration { get; init; }
    public long? BatchId { get; init; }
    public DateTime? Started { get; init; }
    public DateTime? Ended { get; init; }
    public DateTime? MainStarted { get; init; }
    public DateTime? MainEnded { get; init; }

    /// <summary>Null until it was asked for; empty when the job has none.</summary>
    public DataValues? Output { get; set; }

    /// <summary>Input that it gets in this evaluation.</summary>
    public DataValues? NewInput { get; set; }

    /// <summary>To be queued in this evaluation.</summary>
    public bool IsReady { get; set; }

    /// <summary>Why it is canceled in this evaluation without ever having been queued.</summary>
    public string? CancelReason { get; private set; }

    public bool IsWaiting => NumExes == 0 && Status is JobStatus.Pending or JobStatus.Blocked;

    public void CancelBecause(string reason) => (Status, CancelReason) = (JobStatus.Canceled, reason);

    public override NodeState State => new() { Exists = true, Status = Status, ExecutionCount = NumExes, HasInput = HasInput };
}

internal sealed class ConditionWork : NodeWork
{
    public bool IsProcessed { get; set; }
    public bool IsAccepted { get; set; }
    public string? Error { get; set; }
    public bool HasError { get; set; }
    public DataValues? Data { get; set; }

    /// <summary>Decided, or found undecidable, in this evaluation.</summary>
    public bool IsChanged { get; set; }

    public override NodeState State => new() { Exists = true, IsProcessed = IsProcessed, IsAccepted = IsAccepted, HasError = HasError };
}

internal sealed class SubRecipeWork : NodeWork
{
    public required long RecipeTypeId { get; init; }

    /// <summary>Set while its row is not inserted yet.</summary>
    public StoredRecipe? NewRow { get; init; }

    /// <summary>Input that it gets in this evaluation.</summary>
    public string? NewInput { get; set; }
    public bool HasInput { get; set; }
    public bool IsCompleted { get; init; }

    /// <summary>A node before it blocks.</summary>
    public bool IsHeldBack { get; private set; }

    /// <summary>Why it can never begin.</summary>
    public string? Error { get; private set; }

    /// <summary>Something in it is failed, canceled, blocked or can't go on.</summary>
    public bool Blocks { get; init; }

    /// <summary>Held back, released or refused in this evaluation.</summary>
    public bool IsHoldChanged { get; set; }
    public JobCounts Jobs { get; init; }
    public int SubRecipesTotal { get; init; }
    public int SubRecipesCompleted { get; init; }

    public override NodeState State =>
        new() { Exists = true, HasInput = HasInput, IsCompleted = IsCompleted, IsHeldBack = IsHeldBack, HasError = Error is not null, Blocks = Blocks };

    public static SubRecipeWork Of(StoredSubRecipe row) => new()
    {
        Id = row.Id,
        RecipeTypeId = row.RecipeTypeId,
        HasInput = row.HasInput,
        IsCompleted = row.IsCompleted,
        IsHeldBack = row.IsHeldBack,
        Error = row.Error,
        Blocks = row.Blocks,
        Jobs = row.Jobs,
        SubRecipesTotal = row.SubRecipesTotal,
        SubRecipesCompleted = row.SubRecipesCompleted,
    };

    public void HoldBack(bool isHeldBack)
    {
        IsHeldBack = isHeldBack;
        FollowHold();
    }

    public void Refuse(string error)
    {
        Error = error;
        FollowHold();
    }

    private void FollowHold()
    {
        IsHoldChanged = true;
        if (NewRow is not null)
        {
            (NewRow.IsHeldBack, NewRow.Error) = (IsHeldBack, Error);
        }
    }
}

/// <summary>How a recipe is made from the one it supersedes.</summary>
/// <param name="Old">The superseded recipe.</param>
/// <param name="Forced">What runs again although unchanged.</param>
internal sealed record Reprocessing(RecipeWork Old, RecipeDiff Diff, ForcedNodes Forced)
{
    /// <summary>Sub-recipe nodes of which something is taken over; their new recipes are made by reprocessing the old ones.</summary>
    public HashSet<string> Partly { get; } = new(StringComparer.Ordinal);

    public NodeWork? OldNode(string name) => Old.Graph.IndexOf(name) is >= 0 and var index ? Old.Nodes[index] : null;
}
