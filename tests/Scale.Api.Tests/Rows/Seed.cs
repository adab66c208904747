using Microsoft.EntityFrameworkCore;
using Scale.Api.Tests.Hosting;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Errors;
using Scale.Store.Events;
using Scale.Store.Files;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;
using Scale.Store.Scheduling;

namespace Scale.Api.Tests.Rows;

/// <summary>Rows for tests: every builder makes a whole row from little, and stores it at once. Each row is one second younger than the one before.</summary>
public sealed class Seed(ApiFixture api)
{
    public const string ManifestText =
        """{"seedVersion":"1.0.0","job":{"name":"tiler","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"Tiler","description":"Makes tiles","maintainer":{"name":"A","email":"a@example.com"},"timeout":3600,"interface":{"command":"tile ${SCENE}","inputs":{"files":[{"name":"SCENE","required":true}],"json":[{"name":"LEVEL","type":"integer","required":false}]},"outputs":{"files":[{"name":"TILES","pattern":"*.tif","mediaType":"image/tiff","multiple":true}]},"settings":[{"name":"MODE","secret":false},{"name":"PASSWORD","secret":true}]},"resources":{"scalar":[{"name":"cpus","value":1.0},{"name":"mem","value":64.0},{"name":"disk","value":10.0,"inputMultiplier":4.0}]}}}""";

    public static readonly DateTime Start = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);

    private int made;

    /// <summary>Moment of the next row.</summary>
    public DateTime Now => Start.AddSeconds(made);

    public async Task<T> Add<T>(T row)
        where T : class
    {
        made++;
        await using var session = await api.Database.Write();
        await using var context = session.Context();
        context.Add(row);
        await context.SaveChangesAsync();
        await session.Commit();
        return row;
    }

    public async Task<JobTypeRow> JobType(string name, string version = "1.0.0", Action<JobTypeRow>? change = null, string manifest = ManifestText)
    {
        var type = new JobTypeRow
        {
            Name = name,
            Version = version,
            VersionOrder = version,
            Title = name + " title",
            Description = name + " description",
            DockerImage = $"{name}-{version}",
            Manifest = manifest,
            RevisionNum = 1,
            Created = Now,
            LastModified = Now,
        };
        change?.Invoke(type);
        await Add(type);
        var revision = await Add(new JobTypeRevisionRow { JobTypeId = type.Id, RevisionNum = type.RevisionNum, Manifest = manifest, DockerImage = type.DockerImage, Created = Now });
        await Run("UPDATE job_type SET revision_id = @revision WHERE id = @id", ("revision", revision.Id), ("id", type.Id));
        type.RevisionId = revision.Id;
        return type;
    }

    public async Task<RecipeTypeRow> RecipeType(string name, string definition = """{"input":{"files":[],"json":[]},"nodes":{}}""", Action<RecipeTypeRow>? change = null)
    {
        var type = new RecipeTypeRow { Name = name, Title = name + " title", Definition = definition, RevisionNum = 1, Created = Now, LastModified = Now };
        change?.Invoke(type);
        await Add(type);
        var revision = await Add(new RecipeTypeRevisionRow { RecipeTypeId = type.Id, RevisionNum = type.RevisionNum, Definition = definition, Created = Now });
        await Run("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision.Id), ("id", type.Id));
        type.RevisionId = revision.Id;
        return type;
    }

    public Task<WorkspaceRow> Workspace(string name = "products", string? baseUrl = null) =>
        Add(new WorkspaceRow { Name = name, Title = name, BaseUrl = baseUrl, Configuration = """{"broker":{"type":"host","host_path":"/data"}}""", Created = Now, LastModified = Now });

    public async Task<FileRow> File(string name, WorkspaceRow? workspace = null, Action<FileRow>? change = null)
    {
        var file = new FileRow
        {
            FileName = name,
            WorkspaceId = workspace?.Id ?? 0,
            FilePath = "files/" + name,
            FileType = FileType.Source,
            MediaType = "image/tiff",
            FileSize = 1 << 20,
            Uuid = Guid.NewGuid().ToString("N"),
            Created = Now,
            LastModified = Now,
        };
        change?.Invoke(file);
        return await Add(file);
    }

    public Task<EventRow> Event(string type = "USER") => Add(new EventRow { Type = type, Description = """{"user":"admin"}""", Occurred = Now });

    public Task<NodeRow> Node(string hostname) => Add(new NodeRow { Hostname = hostname, Cluster = "local", Created = Now, LastModified = Now });

    public Task<ErrorRow> Error(string name, ErrorCategory category = ErrorCategory.Algorithm, string? title = null) =>
        Add(new ErrorRow { Name = name, Title = title ?? name, Category = category, IsBuiltin = true, ShouldBeRetried = false, Created = Now, LastModified = Now });

    public async Task<JobRow> Job(JobTypeRow type, JobStatus status = JobStatus.Pending, Action<JobRow>? change = null)
    {
        var job = new JobRow { JobTypeId = type.Id, JobTypeRevId = type.RevisionId, Status = status, MaxTries = 3, Created = Now, LastModified = Now };
        change?.Invoke(job);
        return await Add(job);
    }

    public async Task<JobExeRow> Execution(JobRow job, int number, ExecutionStatus status = ExecutionStatus.Completed, Action<JobExeRow>? change = null)
    {
        var execution = new JobExeRow
        {
            JobId = job.Id,
            ExeNum = number,
            JobTypeId = job.JobTypeId,
            ClusterId = $"scale_job_main_{job.Id}x{number}",
            Status = status,
            Timeout = 3600,
            InputFileSize = 0,
            Resources = """{"cpus":1,"mem":128}""",
            Configuration = """{"version":"2.0","input_files":{},"output_workspaces":{},"tasks":[]}""",
            Queued = Now,
            Started = Now,
            Created = Now,
            LastModified = Now,
        };
        change?.Invoke(execution);
        return await Add(execution);
    }

    public async Task<RecipeRow> Recipe(RecipeTypeRow type, Action<RecipeRow>? change = null)
    {
        var recipe = new RecipeRow { RecipeTypeId = type.Id, RecipeTypeRevId = type.RevisionId, Created = Now, LastModified = Now };
        change?.Invoke(recipe);
        await Add(recipe);
        await Run(
            "UPDATE recipe SET root_recipe_id = CASE WHEN root_recipe_id = 0 THEN id ELSE root_recipe_id END, top_recipe_id = CASE WHEN top_recipe_id = 0 THEN id ELSE top_recipe_id END, family_id = CASE WHEN family_id = 0 THEN id ELSE family_id END WHERE id = @id",
            ("id", recipe.Id));
        return recipe;
    }

    public async Task<BatchRow> Batch(RecipeTypeRow type, string? title = null, Action<BatchRow>? change = null)
    {
        var happened = await Event();
        var batch = new BatchRow
        {
            Title = title,
            RecipeTypeId = type.Id,
            RecipeTypeRevId = type.RevisionId,
            EventId = happened.Id,
            Definition = """{"supersedes":true}""",
            Configuration = "{}",
            Created = Now,
            LastModified = Now,
        };
        change?.Invoke(batch);
        await using (var session = await api.Database.Write())
        {
            batch.Id = (await session.AllocateIds("batch", 1))[0];
            batch.RootBatchId = batch.RootBatchId == 0 ? batch.Id : batch.RootBatchId;
            await session.Commit();
        }

        return await Add(batch);
    }

    public async Task Run(string sql, params (string Name, object? Value)[] arguments)
    {
        await using var session = await api.Database.Write();
        await session.Execute(sql, arguments);
        await session.Commit();
    }
}
