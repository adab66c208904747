using System.Diagnostics;
using Scale.Bench.Machine;

namespace Scale.Bench.Runs;

/// <summary>Pages of the job list: each filter and the orders that people click on, near and far.</summary>
internal sealed class JobPages(Report report, BenchServer server, int jobs)
{
    private const int Asks = 20;
    private const int Limit = 50;

    private static readonly string[] Filters =
    [
        "", "status=RUNNING", "status=FAILED", "status=COMPLETED", "status=QUEUED", "status=FAILED&status=RUNNING", "job_type_id=2", "job_type_name=type-1", "job_type_name=type-1&status=FAILED",
        "job_type_version=1.0.0", "batch_id=7", "batch_id=7&status=FAILED", "recipe_id=500", "job_id=700", "error_id=1", "error_category=SYSTEM", "is_superseded=false", "is_superseded=true",
        "source_sensor=red", "source_sensor_class=none", "source_collection=none", "source_task=none",
    ];

    private static readonly string[] Orders =
    [
        "last_modified", "id", "created", "queued", "started", "ended", "duration", "status", "job_type", "job_type.version", "node", "error", "error.category", "batch", "batch.title", "recipe", "is_superseded",
    ];

    /// <summary>No index holds these, so all jobs are sorted for a page.</summary>
    private static readonly string[] SortedOrders = ["recipe.id", "job_type_rev", "num_exes", "input_file_size", "source_started", "source_sensor", "last_status_change", "superseded", "event"];

    public async Task Measure()
    {
        var middle = jobs / 200;
        List<string> paths =
        [
            .. Filters.Select(f => $"jobs/?{f}"), .. Filters.Select(f => $"jobs/?{f}&order=-last_modified"),
            $"jobs/?started={StoredJobs.At(0.1):s}Z", $"jobs/?ended={StoredJobs.At(0.5):s}Z", $"jobs/?started={StoredJobs.At(0.9):s}Z&ended={StoredJobs.At(0.95):s}Z",
            $"jobs/?source_started={StoredJobs.At(0.1):s}Z", $"jobs/?source_ended={StoredJobs.At(0.5):s}Z",
            .. new[] { "", "status=COMPLETED&", "batch_id=7&", "is_superseded=false&" }.SelectMany(f => new[] { $"jobs/?{f}page=5", $"jobs/?{f}page=last" }), $"jobs/?page={middle}",
            .. Orders.SelectMany(o => new[] { $"jobs/?order={o}", $"jobs/?order=-{o}", $"jobs/?order={o}&page=last", $"jobs/?order=-{o}&job_type_name=type-1", $"jobs/?order={o}&batch_id=7" }),
            "jobs/?page_size=1000", $"jobs/{jobs / 2}/",
        ];
        var all = new List<double>();
        var slow = new List<(string Path, double Median, double Worst)>();
        foreach (var path in paths)
        {
            var times = await Times(path, Asks);
            all.AddRange(times);
            if (times[^1] > Limit)
            {
                slow.Add((path, times[Asks / 2], times[^1]));
            }
        }

        all.Sort();
        report.AtMost($"{paths.Count} pages, {Asks} times each, 99 of 100 at most", all[all.Count * 99 / 100], Limit, "ms");
        report.Plain("median of all", all[all.Count / 2], "ms");
        foreach (var order in SortedOrders)
        {
            report.Plain($"jobs/?order={order}", (await Times($"jobs/?order={order}", 3))[1], "ms");
        }

        report.Plain("jobs/?page= in the middle of the list", (await Times($"jobs/?order=started&page={middle}", 3))[1], "ms");
        foreach (var (path, median, worst) in slow.OrderByDescending(s => s.Median))
        {
            report.AtMost($"{path}, worst {worst:N0}, median", median, Limit, "ms");
        }
    }

    private async Task<List<double>> Times(string path, int asks)
    {
        await server.Client.Get(path, CancellationToken.None);
        var times = new List<double>();
        for (var i = 0; i < asks; i++)
        {
            var watch = Stopwatch.StartNew();
            await server.Client.Get(path, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return times;
    }
}
