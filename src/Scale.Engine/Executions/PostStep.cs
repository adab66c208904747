using System.Collections.Immutable;
using Scale.Engine.Workspaces;
using Scale.Model.Errors;
using Scale.Model.Files;
using Scale.Model.JobTypes.Seed;

namespace Scale.Engine.Executions;

/// <summary>
/// Captures what main made (job-types-and-seed.md §9, storage-and-ingest.md §3.1): finds and checks everything first, then puts the files into
/// their workspaces. Doing it again after a crash gives the same files under the same paths.
/// </summary>
public sealed class PostStep(WorkspaceBrokers brokers)
{
    /// <summary>Side-cars and seed.outputs.json above this size, in bytes, count as broken.</summary>
    public const int DocumentLimit = 16 << 20;

    private sealed record Found(SeedFileOutput Output, ExecutionWorkspace Workspace, string Path, FileMetadata? Metadata);

    public async Task<StepResult<CapturedOutputs>> Capture(ExecutionSpec spec, IOutputFolder outputs, CancellationToken cancel)
    {
        var files = FindFiles(spec, outputs, out var error);
        if (error is not null)
        {
            return error;
        }

        using var document = outputs.Open(OutputsDocument.FileName);
        if (document?.Size > DocumentLimit)
        {
            return StepError.Builtin(BuiltinErrors.InvalidResultsManifest, $"{OutputsDocument.FileName} has {document.Size} bytes, more than {DocumentLimit}");
        }

        var json = OutputsDocument.Read(spec.Manifest, document is null ? null : outputs.Read(OutputsDocument.FileName, DocumentLimit));
        if (!json.IsValid)
        {
            return StepError.Builtin(json.ErrorName!, json.Reason!);
        }

        var inputMetadata = FindInputMetadata(spec, outputs, out error);
        if (error is not null)
        {
            return error;
        }

        try
        {
            var captured = ImmutableArray.CreateBuilder<CapturedFile>(files.Count);
            foreach (var file in files)
            {
                cancel.ThrowIfCancellationRequested();
                if (await Put(spec, outputs, file, cancel) is not { } product)
                {
                    return StepError.Builtin(BuiltinErrors.OutputCaptureError, $"{file.Path} was replaced while it was captured");
                }

                captured.Add(product);
            }

            return new CapturedOutputs(captured.DrainToImmutable(), json.Values, inputMetadata);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StepError.Builtin(BuiltinErrors.FilesystemIo, e.Message);
        }
    }

    private static List<Found> FindFiles(ExecutionSpec spec, IOutputFolder outputs, out StepError? error)
    {
        error = null;
        var found = new List<Found>();
        if (spec.Manifest.FileOutputs.Count == 0)
        {
            return found;
        }

        var paths = outputs.List(spec.Manifest.FileOutputs.Max(o => o.Pattern.Split('/').Length));
        foreach (var output in spec.Manifest.FileOutputs)
        {
            var matches = OutputPattern.Match(output.Pattern, paths).Where(path => IsFile(outputs, path)).ToList();
            if (matches.Count == 0 && output.Required)
            {
                error = StepError.Builtin(BuiltinErrors.MissingRequiredOutput, $"no file in the output folder matches {output.Pattern} of required output {output.Name}");
                return found;
            }

            if (matches.Count > 1 && !output.Multiple)
            {
                error = StepError.Builtin(BuiltinErrors.UnexpectedMultipleOutputs, $"{matches.Count} files match {output.Pattern} of output {output.Name}, which takes one");
                return found;
            }

            if (matches.Count == 0)
            {
                continue;
            }

            if (!spec.OutputWorkspaces.TryGetValue(output.Name, out var workspace))
            {
                error = StepError.Builtin(BuiltinErrors.FilesystemIo, $"no workspace is configured for output {output.Name}");
                return found;
            }

            foreach (var path in matches)
            {
                var metadata = ReadMetadata(outputs, OutputPattern.SideCarOf(path), out error);
                if (error is not null)
                {
                    return found;
                }

                found.Add(new Found(output, workspace, path, metadata));
            }
        }

        return found;
    }

    private static bool IsFile(IOutputFolder outputs, string path)
    {
        using var file = outputs.Open(path);
        return file is not null;
    }

    private static ImmutableSortedDictionary<string, FileMetadata> FindInputMetadata(ExecutionSpec spec, IOutputFolder outputs, out StepError? error)
    {
        error = null;
        var found = ImmutableSortedDictionary.CreateBuilder<string, FileMetadata>(StringComparer.Ordinal);
        foreach (var input in spec.Manifest.FileInputs.Where(i => !i.Multiple && spec.InputFiles.ContainsKey(i.Name)))
        {
            if (ReadMetadata(outputs, OutputPattern.SideCarOf(input.Name), out error) is { } metadata)
            {
                found[input.Name] = metadata;
            }

            if (error is not null)
            {
                break;
            }
        }

        return found.ToImmutable();
    }

    private static FileMetadata? ReadMetadata(IOutputFolder outputs, string path, out StepError? error)
    {
        error = null;
        if (outputs.Read(path, DocumentLimit) is not { } bytes)
        {
            return null;
        }

        var result = FileMetadata.Parse(bytes);
        if (result.IsBrokenGeometry)
        {
            error = StepError.Builtin(BuiltinErrors.InvalidResultsManifest, $"{path}: {result.Problem}");
        }

        return result.Metadata;
    }

    private async Task<CapturedFile?> Put(ExecutionSpec spec, IOutputFolder outputs, Found found, CancellationToken cancel)
    {
        using var file = outputs.Open(found.Path);
        if (file is null)
        {
            return null;
        }

        var recipe = spec.RecipeTypeName is { } name ? new ProductRecipe(name, spec.RecipeTypeRevision ?? 0) : null;
        var path = ProductPath.Of(recipe, spec.Manifest.Name, spec.Manifest.JobVersion, spec.SourceStarted, spec.Started, spec.Key.ExecutionId, found.Path);
        if (!found.Workspace.IsActive)
        {
            throw new IOException($"workspace {found.Workspace.Name} of output {found.Output.Name} is archived");
        }

        var checksum = await brokers.For(found.Workspace).Put(file.Content, path, cancel);
        return new CapturedFile(found.Output.Name, RelativePath.FileName(found.Path), found.Workspace.Id, path, file.Size, found.Output.MediaType, checksum, found.Metadata);
    }
}
