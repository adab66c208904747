using System.Text.Json;

namespace Scale.Examples.Imagery;

/// <summary>What an algorithm leaves in OUTPUT_DIR (Seed 1.0.0: files by pattern, JSON values in <c>seed.outputs.json</c>).</summary>
internal static class Outputs
{
    private static readonly string[] Endings = ["_index", "_quicklook"];

    /// <summary>The name of an output after the scene it comes from: <c>x.png</c> and <c>x_index.png</c> both give <c>x{ending}</c>.</summary>
    public static string Path(string outputs, string inputPath, string ending)
    {
        var stem = System.IO.Path.GetFileNameWithoutExtension(inputPath);
        foreach (var known in Endings)
        {
            stem = stem.EndsWith(known, StringComparison.Ordinal) ? stem[..^known.Length] : stem;
        }

        return System.IO.Path.Combine(outputs, stem + ending);
    }

    public static void WriteJson(string target, Action<Utf8JsonWriter> members, bool toFile = false)
    {
        using var file = File.Create(toFile ? target : System.IO.Path.Combine(target, "seed.outputs.json"));
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }
}
