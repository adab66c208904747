using Scale.Store.Batches;
using Scale.Store.Events;
using Scale.Store.Ingest;

namespace Scale.Store.Recipes;

/// <summary>A recipe instance with its kept counters.</summary>
public sealed class RecipeRow
{
    public long Id { get; set; }
    public long RecipeTypeId { get; set; }
    public RecipeTypeRow RecipeType { get; set; } = null!;
    public long RecipeTypeRevId { get; set; }
    public RecipeTypeRevisionRow RecipeTypeRev { get; set; } = null!;
    public long? EventId { get; set; }
    public EventRow? Event { get; set; }
    public long? IngestEventId { get; set; }
    public IngestEventRow? IngestEvent { get; set; }
    public long? BatchId { get; set; }
    public BatchRow? Batch { get; set; }
    public long? RecipeId { get; set; }
    public RecipeRow? Recipe { get; set; }
    public long RootRecipeId { get; set; }
    public long TopRecipeId { get; set; }
    public long FamilyId { get; set; }
    public long? SupersededRecipeId { get; set; }
    public long? RootSupersededRecipeId { get; set; }
    public bool IsSuperseded { get; set; }
    public bool IsCompleted { get; set; }
    public bool IsHeldBack { get; set; }
    public string? Error { get; set; }
    public string? Input { get; set; }
    public string Configuration { get; set; } = "{}";
    public string? ForcedNodes { get; set; }
    public double? InputFileSize { get; set; }
    public DateTime? SourceStarted { get; set; }
    public DateTime? SourceEnded { get; set; }
    public string? SourceSensorClass { get; set; }
    public string? SourceSensor { get; set; }
    public string? SourceCollection { get; set; }
    public string? SourceTask { get; set; }
    public string NodeStates { get; set; } = "";
    public int JobsTotal { get; set; }
    public int JobsPending { get; set; }
    public int JobsBlocked { get; set; }
    public int JobsQueued { get; set; }
    public int JobsRunning { get; set; }
    public int JobsFailed { get; set; }
    public int JobsCompleted { get; set; }
    public int JobsCanceled { get; set; }
    public int SubRecipesTotal { get; set; }
    public int SubRecipesCompleted { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Completed { get; set; }
    public DateTime? Superseded { get; set; }
    public DateTime LastModified { get; set; }
}
