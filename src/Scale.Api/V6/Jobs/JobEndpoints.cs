using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Files;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Store.Files;

namespace Scale.Api.V6.Jobs;

/// <summary>Jobs (jobs-and-queue.md §2 to §5).</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder v6)
    {
        var jobs = v6.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", List).WithName("ListJobs").WithSummary("Jobs, oldest change first.")
            .Query(JobFilter.Parameters).Query(Parameter.Order(JobOrdering.Fields.Names)).Query(Parameter.Paging);
        jobs.MapPost("/", JobCreationEndpoint.Create).WithName("CreateJob").WithSummary("Creates one job outside of recipes and queues it.")
            .WithDescription(Answer.CreationWarnings).Fields(JobCreationEndpoint.Fields);
        jobs.MapGet("/{id:id}/", Get).WithName("GetJob").WithSummary("One job with its revision, data, configuration and current execution.")
            .WithDescription("Addition to Scale v6: `waiting_reason` says why a job does not run yet.");
        jobs.MapGet("/{id:id}/input_files/", ListInputFiles).WithName("ListJobInputFiles").WithSummary("Files that went into a job.")
            .Query(InputFileFilter.Parameters).Query(Parameter.Text("job_input", "Files of this input only.")).Query(Parameter.Paging);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, ApiOptions options, CancellationToken cancel)
    {
        await using var context = database.Context();
        return Answer.Ok(await new JobList(context, database, options, request).Page(cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        return Answer.Ok(await JobDetails.Read(context, id, cancel) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> ListInputFiles(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var filter = InputFileFilter.Read(request);
        var input = request.OptionalText("job_input");
        var job = await context.Jobs.Where(j => j.Id == id).Select(j => new { j.Input, IsProcessed = j.InputFileSize != null }).FirstOrDefaultAsync(cancel) ?? throw ApiProblem.NotFound();

        IQueryable<FileRow> files;
        if (job.IsProcessed)
        {
            var links = context.JobInputFiles.Where(l => l.JobId == id && (input == null || l.InputName == input)).Select(l => l.FileId);
            files = context.Files.Where(f => links.Contains(f.Id));
        }
        else
        {
            var data = job.Input is null ? DataValues.Empty : DataValues.FromText(job.Input);
            var ids = data.Files.Where(f => input is null || f.Key == input).SelectMany(f => f.Value).Distinct().ToList();
            files = context.Files.Where(f => ids.Contains(f.Id));
        }

        var ordered = filter.Apply(files).OrderBy(f => f.LastModified).ThenBy(f => f.Id).Select(f => f.Id);
        return Answer.Ok(await request.Page(ordered, async page => await FileAnswers.Read(context, page, cancel), cancel));
    }
}
