using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Jobs;
using Scale.Store.Databases;
using Scale.Store.Ingest;

namespace Scale.Api.V6.Ingests;

/// <summary>Files on their way into the catalog (storage-and-ingest.md §7).</summary>
internal static class IngestEndpoints
{
    private static readonly TimeSpan LongestStatus = TimeSpan.FromDays(31);

    private static readonly Ordering<IngestRow> Order = new Ordering<IngestRow>(i => i.Id, "last_modified")
        .By("file_name", i => i.FileName).By("file_size", i => i.FileSize).By("file_path", i => i.FilePath).By("new_file_path", i => i.NewFilePath)
        .By("media_type", i => i.MediaType).By("status", i => i.Status).By("scan.id", i => i.ScanId).By("scan", i => i.ScanId).By("strike.id", i => i.StrikeId).By("strike", i => i.StrikeId)
        .By("bytes_transferred", i => i.BytesTransferred).By("transfer_started", i => i.TransferStarted).By("transfer_ended", i => i.TransferEnded)
        .By("ingest_started", i => i.IngestStarted).By("ingest_ended", i => i.IngestEnded).By("data_started", i => i.DataStarted).By("data_ended", i => i.DataEnded)
        .By("created", i => i.Created).By("last_modified", i => i.LastModified);

    public static void MapIngests(this IEndpointRouteBuilder v6)
    {
        var ingests = v6.MapGroup("/ingests").WithTags("Ingests");
        ingests.MapGet("/", List).WithName("ListIngests").WithSummary("Ingests, oldest change first.").Query(Parameter.Paging).Query(Parameter.Range).Query(
            Parameter.Text("status", "TRANSFERRING, TRANSFERRED, DEFERRED, QUEUED, INGESTING, INGESTED, ERRORED or DUPLICATE; any of several.", repeatable: true),
            Parameter.Integer("scan_id", "Ingests of these scans.", repeatable: true),
            Parameter.Integer("strike_id", "Ingests of these strikes.", repeatable: true),
            Parameter.Text("file_name", "Part of the file name."),
            Parameter.Order(Order.Names));
        ingests.MapGet("/status/", Status).WithName("ListIngestStatus").WithSummary("What strikes ingested, by hour.").Query(Parameter.Paging).Query(Parameter.Range)
            .Query(Parameter.Boolean("use_ingest_time", "By time of ingest instead of data time."));
        ingests.MapGet("/{id:id}/", Details).WithName("GetIngest").WithSummary("One ingest.");
        ingests.MapGet("/{id:id}/jobs/", Jobs).WithName("ListIngestJobs").WithSummary("Jobs that have the ingested file as an input.").Query(Parameter.Paging);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var ingests = Order.Apply(Filter(context.Ingests, request), request);
        return Answer.Ok(await request.Page(ingests, async rows => await IngestAnswers.Read(context, rows, cancel), cancel));
    }

    private static async Task<IResult> Details(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var row = await context.Ingests.FirstOrDefaultAsync(i => i.Id == id, cancel) ?? throw ApiProblem.NotFound();
        await using var session = await database.Read(cancel);
        return Answer.Ok(await IngestAnswers.ReadDetails(context, session, row, cancel));
    }

    private static async Task<IResult> Jobs(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var row = await context.Ingests.FirstOrDefaultAsync(i => i.Id == id, cancel) ?? throw ApiProblem.NotFound();
        var jobs = context.JobInputFiles.Where(f => f.FileId == row.SourceFileId).Select(f => f.JobId).Distinct().OrderBy(job => job);
        return Answer.Ok(await request.Page(jobs, async ids => await JobAnswers.Read(context, ids, cancel), cancel));
    }

    /// <summary>One entry per strike; nothing makes strikes yet, so after its checks the list is empty.</summary>
    private static IResult Status(RequestParameters request)
    {
        var range = request.Range();
        request.OptionalBool("use_ingest_time");
        if (range.Ended - range.Started > LongestStatus)
        {
            throw RequestParameters.Bad("started", "must be at most 31 days before 'ended'");
        }

        return Answer.Ok(new Page(0, null, null, []));
    }

    private static IQueryable<IngestRow> Filter(IQueryable<IngestRow> ingests, RequestParameters request)
    {
        var range = request.Range();
        var scans = request.Longs("scan_id");
        var strikes = request.Longs("strike_id");
        var statuses = request.Texts("status");
        var known = statuses.Select(IngestStatuses.FromName).OfType<IngestStatus>().Select(s => (short)s).ToList();
        if (range.Started is { } started)
        {
            ingests = ingests.Where(i => i.LastModified >= started);
        }

        if (range.Ended is { } ended)
        {
            ingests = ingests.Where(i => i.LastModified <= ended);
        }

        if (statuses.Count > 0)
        {
            ingests = ingests.Where(i => known.Contains(i.Status));
        }

        if (scans.Length > 0)
        {
            ingests = ingests.Where(i => i.ScanId != null && scans.Contains(i.ScanId.Value));
        }

        if (strikes.Length > 0)
        {
            ingests = ingests.Where(i => i.StrikeId != null && strikes.Contains(i.StrikeId.Value));
        }

        return request.OptionalText("file_name") is { } part ? ingests.Where(i => i.FileName.Contains(part)) : ingests;
    }
}
