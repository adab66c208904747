using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.Data;
using Scale.Model.JobTypes;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Jobs;

/// <summary>An execution that is decided but not yet described.</summary>
/// <param name="Resources">What the job requires, as clients see it.</param>
public sealed record PlannedExecution(ExecutionKey Key, string ClusterId, long NodeId, string Hostname, int Timeout, Resources Resources, DateTime Started, ExecutionJob Job);

/// <summary>Describes executions to a cluster, many in a fixed number of queries; the same when they start and when a new leader adopts them.</summary>
public sealed class ExecutionSpecs(JobTypeCatalog catalog, WorkspaceCatalog workspaces)
{
    private static readonly ExecutionWorkspace NoWorkspace = new(0, "", false, "{}");

    private readonly JobConfigurationCache configurations = new();

    public async Task<List<ExecutionSpec>> Build(Session session, IReadOnlyList<PlannedExecution> executions)
    {
        if (executions.Count == 0)
        {
            return [];
        }

        var types = await catalog.Types(session, executions.Select(e => e.Job.JobTypeId));
        var revisions = await catalog.Revisions(session, executions.Select(e => e.Job.RevisionId));
        var inputs = executions.Select(e => e.Job.Input is null ? DataValues.Empty : DataValues.FromText(e.Job.Input)).ToList();
        var files = (await ExecutionJobs.Files(session, [.. inputs.SelectMany(i => i.Files.Values).SelectMany(ids => ids).Distinct()])).ToDictionary(f => f.Id);
        var recipeTypes = await ExecutionJobs.RecipeTypes(session, [.. executions.Where(e => e.Job.RecipeId is not null).Select(e => e.Job.RecipeId!.Value).Distinct()]);
        var sources = await ExecutionJobs.EarliestSources(session, [.. executions.Where((e, i) => e.Job.SourceStarted is null && !inputs[i].Files.IsEmpty).Select(e => e.Key.JobId)]);
        var secrets = await ExecutionJobs.Secrets(session, [.. executions
            .Where(e => revisions[e.Job.RevisionId].Manifest.Settings.Any(s => s.IsSecret)).Select(e => e.Job.JobTypeId)]);

        var specs = new List<ExecutionSpec>(executions.Count);
        for (var i = 0; i < executions.Count; i++)
        {
            var execution = executions[i];
            var (type, revision, job) = (types[execution.Job.JobTypeId], revisions[execution.Job.RevisionId], execution.Job);
            var configuration = job.Configuration is null ? type.Configuration : configurations.Get(job.Configuration).CompletedBy(type.Configuration);
            var recipeType = job.RecipeId is { } recipe && recipeTypes.TryGetValue(recipe, out var found) ? found : ((string Name, int Revision)?)null;
            specs.Add(new ExecutionSpec
            {
                Key = execution.Key,
                ClusterId = execution.ClusterId,
                NodeId = execution.NodeId,
                Hostname = execution.Hostname,
                JobTypeId = job.JobTypeId,
                Image = revision.Image,
                Manifest = revision.Manifest,
                Input = inputs[i],
                InputFiles = InputFiles(inputs[i], files),
                OutputWorkspaces = OutputWorkspaces(revision, configuration),
                Configuration = configuration.WithoutSecrets(revision.Manifest),
                Secrets = Secrets(revision, secrets[job.JobTypeId]),
                Resources = execution.Resources,
                InputMiB = job.InputMiB,
                TimeoutSeconds = type.IsLongRunning ? null : execution.Timeout,
                RecipeId = job.RecipeId,
                BatchId = job.BatchId,
                RecipeTypeName = recipeType?.Name,
                RecipeTypeRevision = recipeType?.Revision,
                SourceStarted = job.SourceStarted ?? (sources.TryGetValue(job.JobId, out var earliest) ? earliest : null),
                Started = execution.Started,
            });
        }

        return specs;
    }

    /// <summary>Executions that run already, as they were launched.</summary>
    public Task<List<ExecutionSpec>> Describe(Session session, IReadOnlyList<UnsettledExecution> executions) => Build(
        session,
        [.. executions.Select(e => new PlannedExecution(
            new ExecutionKey(e.Id, e.Job.JobId, e.ExeNum), e.ClusterId, e.NodeId, e.Hostname, e.Timeout, Resources.FromText(e.Resources), e.Started, e.Job))]);

    private IReadOnlyDictionary<string, IReadOnlyList<ExecutionInputFile>> InputFiles(DataValues input, Dictionary<long, ExecutionFile> files) =>
        input.Files.Count == 0
            ? ImmutableDictionary<string, IReadOnlyList<ExecutionInputFile>>.Empty
            : input.Files.ToDictionary(f => f.Key, f => (IReadOnlyList<ExecutionInputFile>)[.. f.Value.Select(id => InputFile(id, files.GetValueOrDefault(id)))]);

    /// <summary>A file that has no row any more is one that was deleted: the execution fails for it, by the cluster's own check.</summary>
    private ExecutionInputFile InputFile(long id, ExecutionFile? file) => file is null
        ? new ExecutionInputFile(id, "", "", "", 0, IsSource: false, IsDeleted: true, NoWorkspace)
        : new ExecutionInputFile(
            id, file.FileName, file.FilePath, file.MediaType, file.FileSize, file.FileType == (short)FileType.Source, file.IsDeleted, Workspace(workspaces.Find(file.WorkspaceId)) ?? NoWorkspace);

    private Dictionary<string, ExecutionWorkspace> OutputWorkspaces(JobTypeRevision revision, JobConfiguration configuration)
    {
        var byOutput = new Dictionary<string, ExecutionWorkspace>();
        foreach (var output in revision.Manifest.FileOutputs)
        {
            if (configuration.WorkspaceOf(output.Name) is { } name && Workspace(workspaces.Find(name)) is { } workspace)
            {
                byOutput[output.Name] = workspace;
            }
        }

        return byOutput;
    }

    private static IReadOnlyDictionary<string, string> Secrets(JobTypeRevision revision, IEnumerable<(string Name, string Value)> secrets)
    {
        var declared = revision.Manifest.Settings.Where(s => s.IsSecret).Select(s => s.Name).ToHashSet();
        return declared.Count == 0
            ? ImmutableDictionary<string, string>.Empty
            : secrets.Where(s => declared.Contains(s.Name)).ToDictionary(s => s.Name, s => s.Value);
    }

    private static ExecutionWorkspace? Workspace(WorkspaceEntry? entry) => entry is null ? null : new ExecutionWorkspace(entry.Id, entry.Name, entry.IsActive, entry.Configuration);
}
