using Scale.Store.Events;
using Scale.Store.Recipes;

namespace Scale.Store.Batches;

/// <summary>A batch with its kept counters (batches-and-datasets.md §5.6).</summary>
public sealed class BatchRow
{
    public long Id { get; set; }
    public string? Title { get; set; }
    public string? Description { get; set; }
    public long RecipeTypeId { get; set; }
    public RecipeTypeRow RecipeType { get; set; } = null!;
    public long RecipeTypeRevId { get; set; }
    public RecipeTypeRevisionRow RecipeTypeRev { get; set; } = null!;
    public long EventId { get; set; }
    public EventRow Event { get; set; } = null!;
    public required string Definition { get; set; }
    public required string Configuration { get; set; }

    /// <summary>Definition of the v5 services, null for a batch made by others.</summary>
    public string? LegacyDefinition { get; set; }

    public int? Priority { get; set; }
    public long? DatasetId { get; set; }
    public long? LastMemberId { get; set; }
    public long? CreatorJobId { get; set; }
    public long RootBatchId { get; set; }
    public BatchRow RootBatch { get; set; } = null!;
    public long? SupersededBatchId { get; set; }
    public BatchRow? SupersededBatch { get; set; }
    public bool IsCreationDone { get; set; }
    public bool IsSuperseded { get; set; }
    public bool IsPaused { get; set; }
    public bool IsCanceled { get; set; }
    public int RecipesEstimated { get; set; }
    public int ItemsCreated { get; set; }
    public int ItemsFailed { get; set; }
    public int RecipesTotal { get; set; }
    public int RecipesCompleted { get; set; }
    public int JobsTotal { get; set; }
    public int JobsPending { get; set; }
    public int JobsBlocked { get; set; }
    public int JobsQueued { get; set; }
    public int JobsRunning { get; set; }
    public int JobsFailed { get; set; }
    public int JobsCompleted { get; set; }
    public int JobsCanceled { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Superseded { get; set; }
    public DateTime LastModified { get; set; }
}
