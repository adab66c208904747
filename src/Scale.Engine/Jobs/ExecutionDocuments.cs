using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.Scheduling;
using ExecutionStep = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Jobs;

/// <summary>The documents stored with executions: configuration 2.0, task results 1.0 and output (jobs-and-queue.md §12.3, §12.4, §6).</summary>
public static class ExecutionDocuments
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly string[] UserSteps = ["pull", "pre", "main", "post"];

    /// <summary>What the execution is made of, secrets masked.</summary>
    public static string Configuration(ExecutionSpec spec) => Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", "2.0");
        json.WriteStartObject("input_files");
        foreach (var (input, files) in spec.InputFiles)
        {
            json.WriteStartArray(input);
            foreach (var file in files)
            {
                WriteInputFile(json, file);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartObject("output_workspaces");
        foreach (var (output, workspace) in spec.OutputWorkspaces)
        {
            json.WriteString(output, workspace.Name);
        }

        json.WriteEndObject();
        json.WriteStartArray("tasks");
        foreach (var step in UserSteps)
        {
            WriteTask(json, spec, step);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>How the steps went, also those that were never launched.</summary>
    public static string TaskResults(string clusterId, ImmutableArray<ExecutionStep> steps) => Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteStartArray("tasks");
        foreach (var step in steps)
        {
            WriteResult(json, clusterId, step);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The output in both ages: the keys of version 7, and <c>output_data</c>.</summary>
    public static string Output(DataValues output) => Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", "7");
        output.WriteMembersTo(json);
        json.WriteStartArray("output_data");
        foreach (var (name, ids) in output.Files)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (ids.Length == 1)
            {
                json.WriteNumber("file_id", ids[0]);
            }
            else
            {
                WriteIds(json, "file_ids", ids);
            }

            json.WriteEndObject();
        }

        foreach (var (name, value) in output.Json)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WritePropertyName("value");
            value.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteInputFile(Utf8JsonWriter json, ExecutionInputFile file)
    {
        json.WriteStartObject();
        json.WriteNumber("id", file.FileId);
        json.WriteString("type", file.IsSource ? "SOURCE" : "PRODUCT");
        json.WriteString("workspace_name", file.Workspace.Name);
        json.WriteString("workspace_path", file.FilePath);
        json.WriteBoolean("is_deleted", file.IsDeleted);
        json.WriteEndObject();
    }

    private static void WriteTask(Utf8JsonWriter json, ExecutionSpec spec, string step)
    {
        var isMain = step == "main";
        json.WriteStartObject();
        json.WriteString("type", step);
        json.WriteString("args", isMain ? spec.Manifest.Command : "");
        WriteResources(json, isMain ? RequiredResources.OfMain(spec.Manifest, spec.InputMiB) : spec.Resources);
        if (isMain)
        {
            WriteSettings(json, spec);
            WriteMounts(json, spec);
        }

        json.WriteEndObject();
    }

    private static void WriteResources(Utf8JsonWriter json, Resources resources)
    {
        json.WriteStartObject("resources");
        foreach (var (name, amount) in resources.Amounts)
        {
            json.WriteNumber(name, amount);
        }

        json.WriteEndObject();
    }

    private static void WriteSettings(Utf8JsonWriter json, ExecutionSpec spec)
    {
        json.WriteStartObject("settings");
        foreach (var setting in spec.Manifest.Settings)
        {
            var value = setting.IsSecret
                ? (spec.Secrets.ContainsKey(setting.Name) ? ExecutionEnvironment.Mask : null)
                : spec.Configuration.Settings?.GetValueOrDefault(setting.Name);
            json.WriteString(setting.Name, value);
        }

        json.WriteEndObject();
    }

    /// <summary>A mount is the name of a volume, null when it is not configured; the volumes say what is behind the names.</summary>
    private static void WriteMounts(Utf8JsonWriter json, ExecutionSpec spec)
    {
        string VolumeOf(string mount) => $"{spec.ClusterId}_mount_{mount}";
        var configured = spec.Configuration.Mounts;
        json.WriteStartObject("mounts");
        foreach (var mount in spec.Manifest.Mounts)
        {
            json.WriteString(mount.Name, configured?.ContainsKey(mount.Name) == true ? VolumeOf(mount.Name) : null);
        }

        json.WriteEndObject();
        json.WriteStartObject("volumes");
        foreach (var mount in spec.Manifest.Mounts)
        {
            if (configured?.GetValueOrDefault(mount.Name) is not { } configuration)
            {
                continue;
            }

            json.WriteStartObject(VolumeOf(mount.Name));
            json.WriteString("container_path", mount.Path);
            json.WriteString("mode", mount.IsWritable ? "rw" : "ro");
            configuration.WriteMembersTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, string clusterId, ExecutionStep step)
    {
        json.WriteStartObject();
        json.WriteString("task_id", $"{clusterId}_{step.Type}");
        json.WriteString("type", step.Type);
        json.WriteBoolean("was_launched", step.Launched is not null);
        if (step.Launched is { } launched)
        {
            WriteMoment(json, "launched", launched);
            json.WriteBoolean("was_started", step.Started is not null);
        }

        if (step.Launched is not null && step.Started is { } started)
        {
            WriteMoment(json, "started", started);
            json.WriteBoolean("was_timed_out", step.TimedOut);
            if (step.Ended is { } ended)
            {
                WriteMoment(json, "ended", ended);
            }

            if (step.Status is { } status)
            {
                json.WriteString("status", status);
            }

            if (step.ExitCode is { } code)
            {
                json.WriteNumber("exit_code", code);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, ImmutableArray<long> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
    }

    private static void WriteMoment(Utf8JsonWriter json, string name, DateTime moment) =>
        json.WriteString(name, moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
