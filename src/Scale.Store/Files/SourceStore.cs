using System.Text.Json;
using Scale.Model.Files;
using Scale.Store.Databases;

namespace Scale.Store.Files;

/// <summary>What jobs say about source files (storage-and-ingest.md §2.6).</summary>
public static class SourceStore
{
    /// <summary>Applies side-cars to source files; ids of other files are ignored. The last one wins when two jobs describe one file.</summary>
    public static async Task Describe(Session session, IReadOnlyCollection<(long FileId, FileMetadata Metadata)> sidecars, DateTime now)
    {
        if (sidecars.Count == 0)
        {
            return;
        }

        var latest = sidecars.GroupBy(s => s.FileId).ToDictionary(g => g.Key, g => g.Last().Metadata);
        var sources = await session.Query(
            "SELECT id, data_type_tags FROM file WHERE id IN @ids AND file_type = 0",
            r => (Id: r.GetInt64(0), Tags: r.GetString(1)),
            ("ids", latest.Keys.ToArray()));
        T[] Column<T>(Func<FileMetadata, T> value) => [.. sources.Select(s => value(latest[s.Id]))];
        var rows = new Rows("v",
            ("id", sources.Select(s => s.Id).ToArray()),
            ("data_started", Column(m => m.DataTimes.Started)),
            ("data_ended", Column(m => m.DataTimes.Ended)),
            ("tags", sources.Select(s => AddTags(s.Tags, latest[s.Id])).ToArray()),
            ("geometry", Column(m => m.Geometry?.Wkt)),
            ("center_point", Column(m => m.Geometry?.CenterWkt)),
            ("meta_data", Column(m => m.PropertiesText == "{}" ? null : m.PropertiesText)),
            ("sensor_class", Column(m => m.SourceSensorClass)),
            ("sensor", Column(m => m.SourceSensor)),
            ("collection", Column(m => m.SourceCollection)),
            ("task", Column(m => m.SourceTask)),
            ("raw_started", Column(m => m.DataStarted)),
            ("raw_ended", Column(m => m.DataEnded)));
        await session.Execute(
            """
            UPDATE file SET is_parsed = TRUE, parsed = @now, data_started = v.data_started, data_ended = v.data_ended,
                source_started = v.data_started, source_ended = v.data_ended, data_type_tags = v.tags,
                geometry = coalesce(v.geometry, file.geometry), center_point = coalesce(v.center_point, file.center_point), meta_data = coalesce(v.meta_data, file.meta_data),
                source_sensor_class = coalesce(v.sensor_class, file.source_sensor_class), source_sensor = coalesce(v.sensor, file.source_sensor),
                source_collection = coalesce(v.collection, file.source_collection), source_task = coalesce(v.task, file.source_task), last_modified = @now
            FROM {v} WHERE file.id = v.id
            """,
            rows, ("now", now));
        await session.Execute(
            "UPDATE ingest SET data_started = v.raw_started, data_ended = v.raw_ended, last_modified = @now FROM {v} WHERE ingest.source_file_id = v.id",
            rows, ("now", now));
    }

    private static string AddTags(string stored, FileMetadata metadata) => metadata.DataTypes.Count == 0
        ? stored
        : JsonSerializer.Serialize(JsonSerializer.Deserialize<List<string>>(stored)!.Union(metadata.DataTypes));
}
