using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;
using Scale.Model.Data;
using Scale.Model.Files;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Jobs;

/// <summary>
/// Completes jobs of types with <c>configuration.reuse</c> by the outputs of an equal job that is COMPLETED, at the moment when they would be started. Their products are rows
/// of their own over the same files of the workspace, so publishing, superseding and ancestry go by the job they belong to (see docs/result-reuse.md).
/// </summary>
public sealed class ResultReuse(JobTypeCatalog catalog, WorkspaceCatalog workspaces)
{
    private readonly CompletedProducts products = new(workspaces);

    private sealed record Taken(ExecutionSpec Spec, ReusableJob From, DataValues Output);

    /// <param name="described">Executions whose jobs are RUNNING in this transaction and are not launched yet.</param>
    /// <returns>Those that have to run.</returns>
    public async Task<IReadOnlyList<ExecutionSpec>> TakeOver(EngineTransaction transaction, IReadOnlyList<ExecutionSpec> described)
    {
        var keys = described.Where(s => s.Configuration.Reuse == true && s.UnreadableSecrets.Count == 0)
            .Select(s => (Spec: s, Key: KeyOf(s))).Where(k => k.Key is not null).ToDictionary(k => k.Spec.Key.JobId, k => k.Key!);
        if (keys.Count == 0)
        {
            return described;
        }

        var session = transaction.Session;
        await ReusableJobs.SetKeys(session, [.. keys.Select(k => (k.Key, k.Value))]);
        var completed = (await ReusableJobs.Find(session, [.. keys.Values.Distinct()])).ToDictionary(j => j.Key);
        var candidates = described.Where(s => keys.TryGetValue(s.Key.JobId, out var key) && completed.ContainsKey(key))
            .Select(s => (Spec: s, From: completed[keys[s.Key.JobId]])).Select(c => new Taken(c.Spec, c.From, DataValues.FromText(c.From.Output))).ToList();
        if (candidates.Count == 0)
        {
            return described;
        }

        var files = (await ReusableJobs.Files(session, [.. candidates.SelectMany(c => FilesOf(c.Output)).Distinct()])).ToDictionary(f => f.Id);
        var taken = candidates.FindAll(c => FilesOf(c.Output).All(id => files.TryGetValue(id, out var file) && workspaces.Find(file.WorkspaceId)?.IsActive == true));
        await Complete(transaction, taken, files);
        transaction.QueueChanged |= taken.Count > 0;
        var done = taken.Select(t => t.Spec.Key.JobId).ToHashSet();
        return [.. described.Where(s => !done.Contains(s.Key.JobId))];
    }

    private async Task Complete(EngineTransaction transaction, List<Taken> taken, Dictionary<long, ReusableFile> files)
    {
        if (taken.Count == 0)
        {
            return;
        }

        var session = transaction.Session;
        var ending = await ReusableJobs.AsEnding(session, taken.ConvertAll(t => (t.Spec.Key.JobId, t.Spec.Key.ExecutionId, t.Spec.ClusterId)), transaction.Now);
        var revisions = await catalog.Revisions(session, ending.Values.Select(e => e.RevisionId));
        var outputs = await products.Store(transaction, taken.ConvertAll(t => new CompletedExecution(
            ending[t.Spec.Key.JobId], Outputs(t, files), t.Spec.Input, revisions[ending[t.Spec.Key.JobId].RevisionId])));
        await ReusableJobs.SetMakers(session, [.. taken.SelectMany(t => FilesOf(t.Output).Select(id => files[id]).Select(f => (t.Spec.Key.JobId, f.WorkspaceId, f.FilePath, f.ExecutionId)))]);
        await JobMoves.ToCompleted(
            session, taken.ConvertAll(t => new JobEnd(t.Spec.Key.JobId, t.Spec.Key.ExeNum, null, outputs[t.Spec.Key.ExecutionId].ToText(), transaction.Now, null, null)), transaction.Now);
        await ReusableJobs.SetReused(session, taken.ConvertAll(t => (t.Spec.Key.JobId, t.From.JobId)));
    }

    private static CapturedOutputs Outputs(Taken taken, Dictionary<long, ReusableFile> files) => new(
        [.. taken.Output.Files.SelectMany(output => output.Value.Select(id => files[id])).Select(f =>
            new CapturedFile(f.Output, f.FileName, f.WorkspaceId, f.FilePath, f.FileSize, f.MediaType, f.Checksum, Metadata(f)))],
        taken.Output.Json,
        ImmutableSortedDictionary<string, FileMetadata>.Empty);

    /// <summary>What the side-car said: its properties are in the stored meta data.</summary>
    private static FileMetadata? Metadata(ReusableFile file)
    {
        var feature = JsonSerializer.SerializeToElement(new JsonObject { ["type"] = "Feature", ["geometry"] = null, ["properties"] = JsonNode.Parse(file.MetaData) });
        return FileMetadata.Parse(feature).Metadata is { } metadata
            ? metadata with { Geometry = file.Geometry is { } wkt ? new Geometry(wkt, file.CenterPoint ?? "") : null }
            : null;
    }

    private static IEnumerable<long> FilesOf(DataValues values) => values.Files.Values.SelectMany(ids => ids);

    /// <summary>Null when a file went or nothing tells its content.</summary>
    private static string? KeyOf(ExecutionSpec spec)
    {
        var contents = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (input, files) in spec.InputFiles)
        {
            if (files.Any(f => f.Details is null || f.IsDeleted))
            {
                return null;
            }

            contents[input] = [.. files.Select(Content)];
        }

        return ReuseKey.Of(
            spec.RevisionId, spec.Input, contents, spec.Configuration, spec.Secrets, spec.OutputWorkspaces.ToDictionary(o => o.Key, o => o.Value.Id));
    }

    /// <summary>Products are never changed where they lie, so without a checksum their place tells their content. Sources may be: only the very same row counts, as long as it stays as it is.</summary>
    private static string Content(ExecutionInputFile file) => (file.Details!.Checksum, file.IsSource) switch
    {
        ({ } checksum, _) => string.Create(CultureInfo.InvariantCulture, $"content {checksum} of {file.FileSize} bytes"),
        (_, false) => string.Create(CultureInfo.InvariantCulture, $"product {file.Workspace.Id} {file.FilePath} of {file.FileSize} bytes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"file {file.FileId} as of {Time.ToMicroseconds(file.Details.LastModified)}"),
    };
}
