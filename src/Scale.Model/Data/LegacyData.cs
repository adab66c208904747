using System.Text.Json;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>Data of v5 and before, <c>"version":"1.0"</c> (batches-and-datasets.md §4.1); its workspace is dropped.</summary>
internal static class LegacyData
{
    public static DataValues Read(DocumentReader reader)
    {
        var files = DataValues.NoFiles.ToBuilder();
        var json = DataValues.NoJson.ToBuilder();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var member = !reader.Has("input_data") && reader.Has("output_data") ? "output_data" : "input_data";
        foreach (var entry in reader.Objects(member))
        {
            var name = entry.RequiredString("name", allowEmpty: false);
            if (name.Length > 0 && !names.Add(name))
            {
                entry.Report("name", $"'{name}' is given twice");
            }

            if (entry.Any("file_id") is { } id)
            {
                if (id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number))
                {
                    files[name] = [number];
                }
                else
                {
                    entry.Report("file_id", $"must be an integer, not {DocumentReader.KindOf(id)}");
                }
            }
            else if (entry.Has("file_ids"))
            {
                files[name] = [.. entry.Longs("file_ids", required: true)];
                if (files[name].IsEmpty)
                {
                    entry.Report("file_ids", "must name at least one file");
                }
            }
            else if (entry.Any("value") is { } value)
            {
                json[name] = value.Clone();
            }
            else
            {
                entry.Report("", "must have file_id, file_ids or value");
            }
        }

        return new DataValues(files.ToImmutable(), json.ToImmutable());
    }
}
