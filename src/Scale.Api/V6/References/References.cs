using System.Text.Json;
using Scale.Api.Answers;
using Scale.Store.Events;
using Scale.Store.Ingest;

namespace Scale.Api.V6.References;

/// <summary>An entity named by its id alone.</summary>
public sealed record IdReference(long Id)
{
    public static IdReference? Of(long? id) => id is { } known ? new IdReference(known) : null;
}

/// <summary>A job type as other entities name it (jobs-and-queue.md §1, JT).</summary>
public record JobTypeReference(
    long Id, string Name, string Version, string Title, string Description, bool IsActive, bool IsSystem, bool IsPaused, bool IsPublished,
    string? IconCode, string? UnmetResources, int RevisionNum);

public sealed record JobTypeRevisionReference(long Id, IdReference JobType, int RevisionNum);

/// <summary>A recipe type as other entities name it; the revision is its latest.</summary>
public sealed record RecipeTypeReference(long Id, string Name, string Title, string? Description, int RevisionNum);

public sealed record RecipeTypeRevisionReference(long Id, IdReference RecipeType, int RevisionNum);

/// <summary>A recipe as jobs, recipes and their successors name it.</summary>
public sealed record RecipeReference(long Id, RecipeTypeReference RecipeType, IdReference RecipeTypeRev, IdReference? Event);

public sealed record BatchReference(long Id, string? Title, string? Description, DateTime Created);

public sealed record NodeReference(long Id, string Hostname);

public sealed record WorkspaceReference(long Id, string Name);

public sealed record ErrorReference(
    long Id, string Name, string? Title, string? Description, string? JobTypeName, string Category, bool IsBuiltin, bool ShouldBeRetried);

public record EventReference(long Id, string Type, DateTime Occurred);

/// <summary>An event of recipes and batches, whose clients expect a trigger rule: there are none any more.</summary>
public record RuleEventReference(long Id, string Type, object? Rule, DateTime Occurred);

public sealed record RuleEventDetails(long Id, string Type, object? Rule, DateTime Occurred, JsonElement? Description) : RuleEventReference(Id, Type, Rule, Occurred)
{
    public static RuleEventDetails? Of(EventRow? row) => row is null ? null : new RuleEventDetails(row.Id, row.Type, null, row.Occurred, AnswerJson.Document(row.Description));
}

public sealed record EventDetails(long Id, string Type, DateTime Occurred, JsonElement? Description) : EventReference(Id, Type, Occurred)
{
    public static EventDetails? Of(IngestEventRow? row) => row is null ? null : new EventDetails(row.Id, row.Type, row.Occurred, AnswerJson.Document(row.Description));
}
