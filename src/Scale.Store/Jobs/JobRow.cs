using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Errors;
using Scale.Store.Events;
using Scale.Store.Ingest;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;
using Scale.Store.Scheduling;

namespace Scale.Store.Jobs;

/// <summary>A job. <c>Recipe</c> is the recipe that created it; sizes are MiB rounded up.</summary>
public sealed class JobRow
{
    public long Id { get; set; }
    public long JobTypeId { get; set; }
    public JobTypeRow JobType { get; set; } = null!;
    public long JobTypeRevId { get; set; }
    public JobTypeRevisionRow JobTypeRev { get; set; } = null!;
    public JobStatus Status { get; set; }
    public int NumExes { get; set; }
    public int MaxTries { get; set; }
    public long? EventId { get; set; }
    public EventRow? Event { get; set; }
    public long? IngestEventId { get; set; }
    public IngestEventRow? IngestEvent { get; set; }
    public long? RecipeId { get; set; }
    public RecipeRow? Recipe { get; set; }

    /// <summary>Of <see cref="Recipe"/>, which never changes its type.</summary>
    public long? RecipeTypeId { get; set; }
    public RecipeTypeRow? RecipeType { get; set; }
    public long? RootRecipeId { get; set; }
    public string? RecipeNode { get; set; }
    public long? BatchId { get; set; }
    public BatchRow? Batch { get; set; }
    public long? NodeId { get; set; }
    public NodeRow? Node { get; set; }
    public long? ErrorId { get; set; }
    public ErrorRow? Error { get; set; }
    public bool IsSuperseded { get; set; }
    public long? SupersededJobId { get; set; }
    public long? RootSupersededJobId { get; set; }
    public string? Input { get; set; }
    public string? Output { get; set; }
    public string? Configuration { get; set; }
    public string? ReuseKey { get; set; }
    public long? ReusedJobId { get; set; }

    /// <summary>Why its recipe canceled it before it was ever queued.</summary>
    public string? CancelReason { get; set; }
    public double? InputFileSize { get; set; }
    public DateTime? SourceStarted { get; set; }
    public DateTime? SourceEnded { get; set; }
    public string? SourceSensorClass { get; set; }
    public string? SourceSensor { get; set; }
    public string? SourceCollection { get; set; }
    public string? SourceTask { get; set; }
    public DateTime? MainStarted { get; set; }
    public DateTime? MainEnded { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Queued { get; set; }
    public DateTime? Started { get; set; }
    public DateTime? Ended { get; set; }
    public DateTime? LastStatusChange { get; set; }
    public DateTime? Superseded { get; set; }
    public DateTime LastModified { get; set; }
}
