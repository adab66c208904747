using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Engine.JobTypes;
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
public sealed class ExecutionSpecs(JobTypeCatalog catalog, WorkspaceCatalog workspaces, SecretVault vault)
{
    private static readonly ExecutionWorkspace NoWorkspace = new(0, "", false, "{}");

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<ExecutionInputFile>> NoFiles = ImmutableDictionary<string, IReadOnlyList<ExecutionInputFile>>.Empty;

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
        var asked = ExecutionJobs.EarliestSources(session, [.. executions.Where((e, i) => e.Job.SourceStarted is null && !inputs[i].Files.IsEmpty).Select(e => e.Key.JobId)]);
        var recipes = await ExecutionJobs.Recipes(session, [.. executions.Where(e => e.Job.RecipeId is not null).Select(e => e.Job.RecipeId!.Value).Distinct()]);
        var recipeInputs = recipes.Where(r => r.Value.Input is not null).ToDictionary(r => r.Key, r => DataValues.FromText(r.Value.Input!));
        var files = (await ExecutionJobs.Files(session, [.. inputs.Concat(recipeInputs.Values).SelectMany(i => i.Files.Values).SelectMany(ids => ids).Distinct()])).ToDictionary(f => f.Id);
        var sources = (await asked).ToDictionary(s => s.JobId, s => s.Started);
        var secrets = await Secrets(session, [.. executions.Where(e => revisions[e.Job.RevisionId].Manifest.Settings.Count > 0).Select(e => e.Job.JobTypeId).Distinct()]);

        var specs = new List<ExecutionSpec>(executions.Count);
        for (var i = 0; i < executions.Count; i++)
        {
            var execution = executions[i];
            var (type, revision, job) = (types[execution.Job.JobTypeId], revisions[execution.Job.RevisionId], execution.Job);
            var configuration = job.Configuration is null ? type.Configuration : configurations.Get(job.Configuration).CompletedBy(type.Configuration);
            var recipe = job.RecipeId is { } recipeId ? recipes.GetValueOrDefault(recipeId) : null;
            var recipeInput = job.RecipeId is { } ofRecipe ? recipeInputs.GetValueOrDefault(ofRecipe) : null;
            var ownSecrets = secrets[job.JobTypeId].Where(s => revision.Manifest.Settings.Any(declared => declared.Name == s.Name)).ToList();
            specs.Add(new ExecutionSpec
            {
                Key = execution.Key,
                ClusterId = execution.ClusterId,
                NodeId = execution.NodeId,
                Hostname = execution.Hostname,
                JobTypeId = job.JobTypeId,
                RevisionId = revision.Id,
                Image = revision.Image,
                Manifest = revision.Manifest,
                Input = inputs[i],
                InputFiles = InputFiles(inputs[i], files),
                OutputWorkspaces = OutputWorkspaces(revision, configuration),
                Configuration = configuration.WithoutSecrets(revision.Manifest),
                Secrets = ownSecrets.Where(s => s.Value is not null).ToDictionary(s => s.Name, s => s.Value!),
                UnreadableSecrets = [.. ownSecrets.Where(s => s.Value is null).Select(s => s.Name)],
                Resources = execution.Resources,
                InputMiB = job.InputMiB,
                TimeoutSeconds = type.IsLongRunning ? null : execution.Timeout,
                RecipeId = job.RecipeId,
                BatchId = job.BatchId,
                RecipeTypeName = recipe?.TypeName,
                RecipeTypeRevision = recipe?.TypeRevision,
                RecipeInput = recipeInput,
                RecipeInputFiles = recipeInput is null ? NoFiles : InputFiles(recipeInput, files),
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
            ? NoFiles
            : input.Files.ToDictionary(f => f.Key, f => (IReadOnlyList<ExecutionInputFile>)[.. f.Value.Select(id => InputFile(id, files.GetValueOrDefault(id)))]);

    /// <summary>A file that has no row any more is one that was deleted: the execution fails for it, by the cluster's own check.</summary>
    private ExecutionInputFile InputFile(long id, ExecutionFile? file) => file is null
        ? new ExecutionInputFile(id, "", "", "", 0, IsSource: false, IsDeleted: true, NoWorkspace)
        : new ExecutionInputFile(
            id, file.FileName, file.FilePath, file.MediaType, file.FileSize, file.FileType == (short)FileType.Source, file.IsDeleted, Workspace(workspaces.Find(file.WorkspaceId)) ?? NoWorkspace)
        {
            Details = file.Details,
        };

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

    /// <summary>Values by job type; null for one whose key is not there. A job that pins an older manifest, where a setting was not secret yet, gets it from here all the same.</summary>
    private async Task<ILookup<long, (string Name, string? Value)>> Secrets(Session session, IReadOnlyCollection<long> jobTypeIds)
    {
        var owners = jobTypeIds.ToDictionary(SecretStore.OwnerOf);
        return (await SecretStore.Of(session, owners.Keys)).ToLookup(s => owners[s.Owner], s => (s.Name, vault.Decrypt(s.Owner, s.Name, s.Value)));
    }

    private static ExecutionWorkspace? Workspace(WorkspaceEntry? entry) => entry is null ? null : new ExecutionWorkspace(entry.Id, entry.Name, entry.IsActive, entry.Configuration);
}
