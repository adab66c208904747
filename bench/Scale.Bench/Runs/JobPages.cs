using System.Diagnostics;
using Scale.Bench.Machine;

namespace Scale.Bench.Runs;

/// <summary>Pages of the job list: each filter and the orders that people click on, near and far.</summary>
internal sealed class JobPages(Report report, BenchServer server, BenchDatabase database, int jobs)
{
    private const int Asks = 20;
    private const int Limit = 50;
    private const int Shown = 40;

    private static readonly string[] Filters =
    [
        "", "status=RUNNING", "status=FAILED", "status=COMPLETED", "status=QUEUED", "status=FAILED&status=RUNNING", "job_type_id=2", "job_type_name=type-1", "job_type_name=type-1&status=FAILED",
        "job_type_version=1.0.0", "batch_id=7", "batch_id=7&status=FAILED", "recipe_id=500", "job_id=700", "error_id=1", "error_category=SYSTEM", "is_superseded=false", "is_superseded=true",
        "source_sensor=red", "source_sensor_class=none", "source_collection=none", "source_task=none",
    ];

    private static readonly string[] Orders =
    [
        "last_modified", "id", "created", "queued", "started", "ended", "duration", "status", "job_type", "job_type.version", "node", "error", "error.category", "batch", "batch.title", "recipe", "is_superseded",
        "source_started", "source_ended", "source_sensor", "source_task", "superseded", "superseded_job",
    ];

    /// <summary>No index holds these, so all jobs are sorted for a page.</summary>
    private static readonly string[] SortedOrders = ["recipe.id", "job_type_rev", "num_exes", "max_tries", "input_file_size", "last_status_change", "event"];

    private readonly record struct Asked(string Path, double Median, double Worst, double Processor);

    public async Task Measure()
    {
        var middle = jobs / 200;
        var (early, half, late) = ($"{StoredJobs.At(0.1):s}Z", $"{StoredJobs.At(0.5).AddSeconds(77):s}Z", $"{StoredJobs.At(0.9):s}Z");
        string[] ranges =
        [
            $"started={early}", $"ended={half}", $"started={late}&ended={StoredJobs.At(0.95):s}Z", $"source_started={early}", $"source_ended={half}", $"source_started={early}&source_ended={half}",
            $"started={early}&status=COMPLETED", $"started={early}&job_type_id=2", $"ended={half}&is_superseded=false", $"started={early}&ended={half}&batch_id=27",
        ];
        List<string> paths =
        [
            .. Filters.Concat(ranges).SelectMany(f => new[] { $"jobs/?{f}", $"jobs/?{f}&order=-last_modified" }),
            .. new[] { "", "status=COMPLETED&", "batch_id=7&", "is_superseded=false&" }.SelectMany(f => new[] { $"jobs/?{f}page=5", $"jobs/?{f}page=last" }),
            $"jobs/?page={middle}", $"jobs/?order=-last_modified&page={middle}", $"jobs/?status=COMPLETED&page={middle}", $"jobs/?order=status&page={middle}", $"jobs/?order=job_type&page={middle}",
            $"jobs/?started={early}&page={middle}",
            .. Orders.SelectMany(o => new[] { $"jobs/?order={o}", $"jobs/?order=-{o}", $"jobs/?order={o}&page=last", $"jobs/?order=-{o}&job_type_name=type-1", $"jobs/?order={o}&batch_id=7" }),
            "jobs/?page_size=1000", $"jobs/{jobs / 2}/",
        ];
        var all = new List<double>();
        var asked = new List<Asked>();
        foreach (var path in paths)
        {
            var (times, processor) = await Times(path, Asks);
            all.AddRange(times);
            asked.Add(new Asked(path, times[Asks / 2], times[^1], processor));
        }

        all.Sort();
        var processors = asked.Select(a => a.Processor).Order().ToList();
        report.AtMost($"{paths.Count} pages, {Asks} times each, 99 of 100 at most", all[all.Count * 99 / 100], Limit, "ms");
        report.Plain("median of all", all[all.Count / 2], "ms");
        report.AtMost("processor time of server and database, 99 of 100 pages at most", processors[processors.Count * 99 / 100], Limit, "ms");
        report.Plain("processor time, median of all pages", processors[processors.Count / 2], "ms");
        foreach (var path in SortedOrders.Select(order => $"jobs/?order={order}").Append($"jobs/?order=started&page={middle}"))
        {
            var (times, processor) = await Times(path, 3);
            report.Plain($"{path}, processor {processor:N0}, median", times[1], "ms");
        }

        foreach (var (path, median, worst, processor) in asked.OrderByDescending(a => a.Processor).Take(Shown))
        {
            report.AtMost($"{path}, processor {processor:N1}, worst {worst:N0}, median", median, Limit, "ms");
        }
    }

    /// <returns>Milliseconds on the clock, sorted, and of processor time for each.</returns>
    private async Task<(List<double> Times, double Processor)> Times(string path, int asks)
    {
        var (times, processor) = await TimesOnce(path, asks);

        // A process of the database that ended meanwhile takes its processor time with it.
        return processor < 0 ? await TimesOnce(path, asks) : (times, processor);
    }

    private async Task<(List<double> Times, double Processor)> TimesOnce(string path, int asks)
    {
        await server.Client.Get(path, CancellationToken.None);
        var times = new List<double>();
        var meter = new Meter(server, database);
        var before = await meter.Read();
        for (var i = 0; i < asks; i++)
        {
            var watch = Stopwatch.StartNew();
            await server.Client.Get(path, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var processor = (await meter.Read() - before).Processor.TotalMilliseconds / asks;
        times.Sort();
        return (times, processor);
    }
}
