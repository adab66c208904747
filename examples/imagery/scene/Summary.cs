using System.Text.Json;

namespace Scale.Examples.Imagery;

/// <summary>One small JSON document per scene from what the others found, with a verdict.</summary>
internal static class Summary
{
    public static void Run(string quicklookPath, double cloudFraction, double vegetationFraction, double validFraction, string outputs)
    {
        var verdict = cloudFraction > 0.6 ? "cloudy" : vegetationFraction > 0.5 ? "green" : vegetationFraction > 0.15 ? "mixed" : "bare";
        void WriteFindings(Utf8JsonWriter json)
        {
            json.WriteString("verdict", verdict);
            json.WriteNumber("cloud_fraction", cloudFraction);
            json.WriteNumber("vegetation_fraction", vegetationFraction);
            json.WriteNumber("valid_fraction", validFraction);
            json.WriteString("quicklook", Path.GetFileName(quicklookPath));
        }

        Outputs.WriteJson(Outputs.Path(outputs, quicklookPath, "_summary.json"), WriteFindings, toFile: true);
        Outputs.WriteJson(outputs, json => json.WriteString("verdict", verdict));
        Console.WriteLine(verdict);
    }
}
