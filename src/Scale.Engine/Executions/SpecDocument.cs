using System.Buffers;
using System.Text.Json;

namespace Scale.Engine.Executions;

/// <summary>The <c>spec.json</c> of an execution folder: what is to be run, for the people who look there. Holds no secret.</summary>
public static class SpecDocument
{
    public static void Write(IBufferWriter<byte> target, ExecutionSpec spec)
    {
        using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("cluster_id", spec.ClusterId);
        json.WriteNumber("job_id", spec.Key.JobId);
        json.WriteNumber("exe_num", spec.Key.ExeNum);
        json.WriteNumber("execution_id", spec.Key.ExecutionId);
        json.WriteString("node", spec.Hostname);
        json.WriteString("image", spec.Image);
        json.WritePropertyName("timeout");
        if (spec.TimeoutSeconds is { } seconds)
        {
            json.WriteNumberValue(seconds);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteStartObject("resources");
        foreach (var (name, amount) in spec.Resources.Amounts)
        {
            json.WriteNumber(name, amount);
        }

        json.WriteEndObject();
        json.WritePropertyName("input");
        spec.Input.WriteTo(json);
        json.WritePropertyName("configuration");
        spec.Configuration.WithoutSecrets(spec.Manifest).WriteTo(json);

        // Stored text already: reading it only to write it again would cost every job.
        json.WritePropertyName("manifest");
        json.WriteRawValue(spec.Manifest.NormalForm, skipInputValidation: true);
        json.WriteEndObject();
    }
}
