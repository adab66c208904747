using Scale.Model.Jobs;
using Scale.Model.Recipes;

namespace Scale.Store.Recipes;

/// <summary>One row of <c>recipe</c>, as evaluation reads and writes it.</summary>
public sealed class StoredRecipe
{
    public required long Id { get; init; }
    public required long RecipeTypeId { get; init; }
    public required long RevisionId { get; init; }
    public long? EventId { get; init; }
    public long? IngestEventId { get; init; }
    public long? BatchId { get; init; }

    /// <summary>The recipe that created this one, null at the top.</summary>
    public long? ContainerId { get; init; }

    /// <summary>Own family at the top, else the family of the container (recipes.md §1).</summary>
    public required long RootRecipeId { get; init; }
    public required long TopRecipeId { get; init; }

    /// <summary>First recipe of the supersession chain, its own id when it is the first.</summary>
    public required long FamilyId { get; init; }
    public long? SupersededRecipeId { get; init; }
    public long? RootSupersededRecipeId { get; init; }
    public bool IsSuperseded { get; set; }
    public bool IsCompleted { get; set; }

    /// <summary>A node before it in its container blocks.</summary>
    public bool IsHeldBack { get; set; }

    /// <summary>Why it can never begin, null when it can.</summary>
    public string? Error { get; set; }

    /// <summary>Data document, null until input was set.</summary>
    public string? Input { get; set; }
    public required string Configuration { get; init; }
    public string? ForcedNodes { get; init; }

    /// <summary>Null until the input was processed.</summary>
    public InputSummary? InputSummary { get; set; }
    public string NodeStates { get; set; } = "";
    public JobCounts Jobs { get; set; }
    public int SubRecipesTotal { get; set; }
    public int SubRecipesCompleted { get; set; }
    public DateTime Created { get; init; }
    public DateTime? Completed { get; set; }
}

/// <summary>One row of <c>recipe_node</c> with the job it holds, if it is a job.</summary>
public readonly record struct StoredNode(long RecipeId, string Name, long? JobId, long? SubRecipeId, long? ConditionId, StoredJob Job);

/// <param name="Configuration">Its own configuration; read only while it was never queued.</param>
public readonly record struct StoredJob(
    long JobTypeId,
    JobStatus Status,
    int NumExes,
    bool HasInput,
    double? InputMiB,
    bool IsSuperseded,
    string? Configuration,
    long? BatchId,
    DateTime? Started,
    DateTime? Ended,
    DateTime? MainStarted,
    DateTime? MainEnded);

/// <summary>A condition of a loaded recipe.</summary>
public readonly record struct StoredCondition(long Id, bool IsProcessed, bool IsAccepted, bool HasError, string? Data);

/// <summary>A sub-recipe of a loaded recipe.</summary>
/// <param name="Blocks">Something in it is failed, canceled, blocked or can't go on.</param>
public readonly record struct StoredSubRecipe(
    long Id,
    long RecipeTypeId,
    long RevisionId,
    bool HasInput,
    bool IsCompleted,
    bool IsSuperseded,
    bool IsHeldBack,
    string? Error,
    bool Blocks,
    JobCounts Jobs,
    int SubRecipesTotal,
    int SubRecipesCompleted)
{
    public NodeState State => new() { Exists = true, HasInput = HasInput, IsCompleted = IsCompleted, IsHeldBack = IsHeldBack, HasError = Error is not null, Blocks = Blocks };
}

/// <summary>The job or sub-recipe at a node of a superseded recipe, which the new one at that node supersedes.</summary>
public readonly record struct Predecessor(long RecipeId, string Node, long? JobId, long? RootJobId, long? SubRecipeId, long? SubFamilyId);

/// <summary>A node of a recipe that holds a job.</summary>
/// <param name="IsContained">It is a sub-recipe, whose container counts its jobs too.</param>
public readonly record struct PlaceOfJob(long RecipeId, string Node, long RevisionId, string States, long? BatchId, bool IsContained);

/// <summary>A recipe of which some jobs moved, and nothing followed from it.</summary>
/// <param name="Jobs">How many moved.</param>
public readonly record struct MovedRecipe(long Id, string NodeStates, int Jobs);
