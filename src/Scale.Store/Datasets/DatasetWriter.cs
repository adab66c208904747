using System.Text.Json;
using Scale.Model.Data;
using Scale.Store.Databases;

namespace Scale.Store.Datasets;

/// <summary>Stores datasets and their members, a fixed number of statements for any number of members.</summary>
public static class DatasetWriter
{
    /// <param name="definition">Stored form of the definition.</param>
    /// <returns>Id of the dataset, which has no members yet.</returns>
    public static Task<long> Create(Session session, string? title, string? description, string definition, DateTime now) => session.Insert("dataset",
        ("title", title), ("description", description), ("definition", definition), ("created", now));

    /// <summary>
    /// Adds members in the order given; each must fit the dataset's parameters. A file is recorded once per dataset, under the first parameter it
    /// came in by. The row of the dataset is locked first, so member ids of a dataset become visible in ascending order, which batches rely on.
    /// </summary>
    /// <returns>Ids of the members, ascending.</returns>
    public static async Task<long[]> AddMembers(Session session, long datasetId, IReadOnlyList<DataValues> members, DateTime now)
    {
        await session.Execute("UPDATE dataset SET member_count = member_count + @count WHERE id = @id", ("count", (long)members.Count), ("id", datasetId));
        var ids = await session.AllocateIds("dataset_member", members.Count);
        await session.BulkInsert("dataset_member", new Rows("v",
            ("id", ids),
            ("dataset_id", ids.Select(_ => datasetId).ToArray()),
            ("data", members.Select(m => m.ToText()).ToArray()),
            ("file_ids", members.Select(m => JsonSerializer.Serialize(m.FileIds)).ToArray()),
            ("created", ids.Select(_ => now).ToArray())));

        var files = members.SelectMany(m => m.Files).SelectMany(f => f.Value, (f, fileId) => (FileId: fileId, Parameter: f.Key)).DistinctBy(f => f.FileId).ToList();
        var added = await session.Execute(
            """
            INSERT INTO dataset_file (dataset_id, file_id, parameter_name)
            SELECT @dataset, v.file_id, v.parameter FROM {v} WHERE TRUE ON CONFLICT (dataset_id, file_id) DO NOTHING
            """,
            new Rows("v", ("file_id", files.Select(f => f.FileId).ToArray()), ("parameter", files.Select(f => f.Parameter).ToArray())),
            ("dataset", datasetId));
        await session.Execute("UPDATE dataset SET file_count = file_count + @added WHERE id = @id", ("added", (long)added), ("id", datasetId));
        return ids;
    }
}
