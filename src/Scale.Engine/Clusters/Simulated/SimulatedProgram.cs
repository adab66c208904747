using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Files;
using Scale.Model.JobTypes.Seed;

namespace Scale.Engine.Clusters.Simulated;

/// <summary>
/// What a simulated main does, read from words of the manifest's command: <c>simulate:exit=N</c>, <c>simulate:seconds=S</c>, <c>simulate:lost</c>,
/// <c>simulate:no-output=NAME</c>, <c>simulate:json:NAME=VALUE</c>. Without any it ends at once with exit 0 and makes every declared output.
/// </summary>
public sealed class SimulatedProgram
{
    private const string Prefix = "simulate:";

    private readonly SeedManifest manifest;
    private readonly HashSet<string> withoutOutput = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonNode?> json = new(StringComparer.Ordinal);

    public SimulatedProgram(SeedManifest manifest)
    {
        this.manifest = manifest;
        foreach (var word in manifest.Command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            Steer(word[Prefix.Length..]);
        }
    }

    public int ExitCode { get; private set; }

    public TimeSpan Duration { get; private set; }

    public bool IsLost { get; private set; }

    /// <summary>The files that main leaves in its output folder.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Outputs(string clusterId)
    {
        var files = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var output in manifest.FileOutputs.Where(o => !withoutOutput.Contains(o.Name)))
        {
            files[FileNameFor(output)] = Encoding.UTF8.GetBytes($"{output.Name} of {clusterId}\n");
        }

        var values = new JsonObject(manifest.JsonOutputs.Where(o => !withoutOutput.Contains(o.Name))
            .Select(o => KeyValuePair.Create(o.Key, json.TryGetValue(o.Name, out var value) ? value?.DeepClone() : Zero(o.Type))));
        if (values.Count > 0)
        {
            files[OutputsDocument.FileName] = Encoding.UTF8.GetBytes(values.ToJsonString());
        }

        return files;
    }

    private void Steer(string word)
    {
        var equals = word.IndexOf('=');
        var (name, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
        switch (name)
        {
            case "exit" when int.TryParse(value, CultureInfo.InvariantCulture, out var code):
                ExitCode = code;
                break;
            case "seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0:
                Duration = TimeSpan.FromSeconds(seconds);
                break;
            case "lost":
                IsLost = true;
                break;
            case "no-output":
                withoutOutput.Add(value);
                break;
            case var _ when name.StartsWith("json:", StringComparison.Ordinal):
                json[name["json:".Length..]] = Parse(value);
                break;
        }
    }

    private static JsonNode? Parse(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    private static JsonNode Zero(JsonType type) => type switch
    {
        JsonType.Array => new JsonArray(),
        JsonType.Boolean => false,
        JsonType.Integer or JsonType.Number => 0,
        JsonType.Object => new JsonObject(),
        _ => "",
    };

    /// <summary>A name that the pattern matches: the output's name for a star, one member of a set for the set.</summary>
    private static string FileNameFor(SeedFileOutput output)
    {
        var name = new StringBuilder();
        for (var i = 0; i < output.Pattern.Length; i++)
        {
            var character = output.Pattern[i];
            var close = character == '[' ? output.Pattern.IndexOf(']', Math.Min(i + 2, output.Pattern.Length)) : -1;
            if (close > 0)
            {
                name.Append(output.Pattern[i + 1] == '!' ? '~' : output.Pattern[i + 1]);
                i = close;
            }
            else
            {
                _ = character switch
                {
                    '*' => name.Append(output.Name),
                    '?' => name.Append('x'),
                    _ => name.Append(character),
                };
            }
        }

        return RelativePath.Normalize(name.ToString()) ?? output.Name;
    }
}
