using System.Collections.Immutable;

namespace Scale.Model.Files;

/// <summary>What a <c>*.metadata.json</c> side-car says of a file (job-types-and-seed.md §9). Null means not said.</summary>
/// <param name="Geometry">Well-known text, EPSG:4326.</param>
/// <param name="Properties">All properties as JSON text of one object.</param>
public sealed record FileMetadata(
    string? Geometry,
    string? CenterPoint,
    string Properties,
    DateTime? DataStarted,
    DateTime? DataEnded,
    DateTime? SourceStarted,
    DateTime? SourceEnded,
    string? SourceSensorClass,
    string? SourceSensor,
    string? SourceCollection,
    string? SourceTask,
    ImmutableArray<string> DataTypes);
