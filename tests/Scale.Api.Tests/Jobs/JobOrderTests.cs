using System.Globalization;
using Scale.Api.Answers;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Api.V6.Jobs;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>Every order of the job list that is walked by indexes, beside the same order made in memory.</summary>
public sealed class JobOrderTests
{
    /// <summary>Enough that pages are walked, also those of a filter.</summary>
    private const int Jobs = 400;

    private const int PageSize = 75;

    private static readonly DateTime Early = Seed.Start.AddMinutes(33).AddSeconds(7);
    private static readonly DateTime Late = Seed.Start.AddMinutes(131).AddSeconds(20);

    private static readonly string[] Filters =
    [
        "", "is_superseded=false", "status=COMPLETED&status=RUNNING&status=FAILED", "source_sensor=red", "batch_id=1&batch_id=3", "job_type_name=tiler",
    ];

    /// <summary>Tried with one order of each kind.</summary>
    private static readonly string[] Ranges =
    [
        $"started={Early:s}Z", $"ended={Late:s}Z&is_superseded=false", $"started={Early:s}Z&ended={Late:s}Z", $"source_started={Early:s}Z", $"source_started={Early:s}Z&source_ended={Late:s}Z",
    ];

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Pages_of_every_order_are_the_jobs_sorted_whatever_is_filtered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider, options => options with { SortedJobs = 0 });
        var scene = await Scene.Make(api);
        foreach (var (field, key) in scene.Keys)
        {
            foreach (var filter in field is "last_modified" or "id" or "status" or "batch" or "created" or "source_started" ? Filters.Concat(Ranges) : Filters)
            {
                foreach (var isDescending in new[] { false, true })
                {
                    var expected = scene.Sorted(filter, key, isDescending);
                    var (seen, page) = (new List<long>(), 0);
                    while (page * PageSize < expected.Count)
                    {
                        page++;
                        var answer = (await api.Get($"/v6/jobs/?{filter}&order={(isDescending ? "-" : "")}{field}&page_size={PageSize}&page={page}")).Expect(200);
                        Assert.Equal(expected.Count, answer["count"].GetInt32());
                        seen.AddRange(answer.Results.Select(j => j.GetProperty("id").GetInt64()));
                    }

                    Assert.True(expected.SequenceEqual(seen), $"{filter} {field} {isDescending}:\n{string.Join(' ', expected)}\n{string.Join(' ', seen)}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_order_with_an_index_is_tried_here(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var scene = await Scene.Make(api, jobs: 1);
        var walked = JobOrdering.Fields.Names.Where(name => JobOrderPlan.CanWalk([.. new OrderKey[] { new(name, true), new("last_modified", false), new("id", false) }.DistinctBy(k => k.Field)]));
        Assert.Equal(walked.Order(StringComparer.Ordinal), scene.Keys.Select(k => k.Field).Order(StringComparer.Ordinal));
    }

    /// <summary>Jobs of all statuses, with and without each relation and time, many of them equal.</summary>
    private sealed class Scene
    {
        private readonly List<JobRow> jobs = [];
        private readonly Dictionary<long, (string Name, string Title, string Version)> types = [];
        private readonly Dictionary<long, string> nodes = [];
        private readonly Dictionary<long, (string Name, string Title)> recipeTypes = [];
        private readonly Dictionary<long, string?> batches = [];
        private readonly Dictionary<long, (string Name, string Title, ErrorCategory Category)> errors = [];

        /// <summary>What sorts by a field, as text; null for jobs without it.</summary>
        public IReadOnlyList<(string Field, Func<JobRow, string?> Key)> Keys =>
        [
            ("id", j => Number(j.Id)),
            ("last_modified", j => Number(Time.ToMicroseconds(j.LastModified))),
            ("created", j => Number(Time.ToMicroseconds(j.Created))),
            ("queued", j => Moment(j.Queued)),
            ("started", j => Moment(j.Started)),
            ("ended", j => Moment(j.Ended)),
            ("source_started", j => Moment(j.SourceStarted)),
            ("source_sensor_class", j => j.SourceSensorClass?.ToLowerInvariant()),
            ("source_sensor", j => j.SourceSensor),
            ("source_collection", j => j.SourceCollection),
            ("source_task", j => j.SourceTask),
            ("superseded", j => Moment(j.Superseded)),
            ("superseded_job", j => Id(j.SupersededJobId)),
            ("source_ended", j => Moment(j.SourceEnded)),
            ("duration", j => j.Ended is { } ended && j.Started is { } started ? Number((long)(ended - started).TotalMicroseconds + 1_000_000_000) : null),
            ("status", j => j.Status.NameOf()),
            ("is_superseded", j => j.IsSuperseded ? "1" : "0"),
            ("job_type", j => types[j.JobTypeId].Name.ToLowerInvariant()),
            ("job_type.id", j => Number(j.JobTypeId)),
            ("job_type.name", j => types[j.JobTypeId].Name.ToLowerInvariant()),
            ("job_type.title", j => types[j.JobTypeId].Title.ToLowerInvariant()),
            ("job_type.version", j => types[j.JobTypeId].Version),
            ("batch", j => Id(j.BatchId)),
            ("batch.id", j => Id(j.BatchId)),
            ("batch.title", j => j.BatchId is { } id ? batches[id]?.ToLowerInvariant() : null),
            ("recipe", j => j.RecipeTypeId is { } id ? recipeTypes[id].Name : null),
            ("recipe.recipe_type.name", j => j.RecipeTypeId is { } id ? recipeTypes[id].Name : null),
            ("recipe.recipe_type.title", j => j.RecipeTypeId is { } id ? recipeTypes[id].Title : null),
            ("node", j => j.NodeId is { } id ? nodes[id] : null),
            ("node.id", j => Id(j.NodeId)),
            ("node.hostname", j => j.NodeId is { } id ? nodes[id] : null),
            ("error", j => j.ErrorId is { } id ? errors[id].Name : null),
            ("error.id", j => Id(j.ErrorId)),
            ("error.name", j => j.ErrorId is { } id ? errors[id].Name : null),
            ("error.title", j => j.ErrorId is { } id ? errors[id].Title : null),
            ("error.category", j => j.ErrorId is { } id ? errors[id].Category.ToString() : null),
        ];

        public static async Task<Scene> Make(ApiFixture api, int jobs = Jobs)
        {
            var (scene, seed) = (new Scene(), new Seed(api));
            var made = new[] { await seed.JobType("tiler", "1.0.0"), await seed.JobType("cutter"), await seed.JobType("Archiver"), await seed.JobType("tiler", "2.0.0") };
            foreach (var type in made)
            {
                scene.types[type.Id] = (type.Name, type.Title, type.VersionOrder);
            }

            var recipeType = await seed.RecipeType("tile-scene", change: t => t.Title = "Same");
            foreach (var type in new[] { recipeType, await seed.RecipeType("cut-scene", change: t => t.Title = "same"), await seed.RecipeType("stitch") })
            {
                scene.recipeTypes[type.Id] = (type.Name, type.Title.ToLowerInvariant());
            }

            foreach (var title in new[] { "Second", "first", null, "second" })
            {
                scene.batches[(await seed.Batch(recipeType, title)).Id] = title;
            }

            foreach (var hostname in new[] { "n2", "n1", "n3" })
            {
                scene.nodes[(await seed.Node(hostname)).Id] = hostname;
            }

            foreach (var (name, category) in new[] { ("z", ErrorCategory.Data), ("a", ErrorCategory.System), ("m", ErrorCategory.Algorithm), ("b", ErrorCategory.Data) })
            {
                var error = await seed.Error(name, category, "t" + category);
                scene.errors[error.Id] = (error.Name, error.Title!, error.Category);
            }

            var random = new Random(5);
            await using var session = await api.Database.Write();
            await using var context = session.Context();
            for (var i = 0; i < jobs; i++)
            {
                scene.jobs.Add(scene.Job(random, made[random.Next(made.Length)].Id));
            }

            context.AddRange(scene.jobs);
            await context.SaveChangesAsync();
            await session.Commit();
            return scene;
        }

        public List<long> Sorted(string filter, Func<JobRow, string?> key, bool isDescending)
        {
            var texts = filter.Split('&');
            var matching = jobs.Where(j => filter switch
            {
                "is_superseded=false" => !j.IsSuperseded,
                "source_sensor=red" => j.SourceSensor == "red",
                "job_type_name=tiler" => types[j.JobTypeId].Name == "tiler",
                "" => true,
                _ when filter.StartsWith("source_started", StringComparison.Ordinal) => j.SourceStarted >= Early && (texts.Length == 1 || j.SourceEnded <= Late),
                _ when filter.StartsWith("started", StringComparison.Ordinal) => j.LastModified >= Early && (texts.Length == 1 || j.LastModified <= Late),
                _ when filter.StartsWith("ended", StringComparison.Ordinal) => j.LastModified <= Late && !j.IsSuperseded,
                _ => texts.Contains("status=" + j.Status.NameOf()) || texts.Contains($"batch_id={j.BatchId}"),
            });
            var ordered = isDescending
                ? matching.OrderByDescending(j => key(j) is null).ThenByDescending(key, StringComparer.Ordinal)
                : matching.OrderBy(j => key(j) is null).ThenBy(key, StringComparer.Ordinal);
            return [.. ordered.ThenBy(j => j.LastModified).ThenBy(j => j.Id).Select(j => j.Id)];
        }

        /// <summary>Most have ended; nothing keeps a time from being there or missing in any status.</summary>
        private JobRow Job(Random random, long type)
        {
            var status = random.Next(10) switch { < 2 => (JobStatus)random.Next(4), < 7 => JobStatus.Completed, < 9 => JobStatus.Failed, _ => JobStatus.Canceled };
            return new JobRow
            {
                JobTypeId = type,
                JobTypeRevId = 1,
                Status = status,
                MaxTries = 3,
                RecipeTypeId = Some(recipeTypes.Keys),
                BatchId = Some(batches.Keys),
                NodeId = Some(nodes.Keys),
                ErrorId = status == JobStatus.Failed || random.Next(20) == 0 ? Some(errors.Keys) : null,
                IsSuperseded = random.Next(5) == 0,
                SourceSensor = random.Next(4) == 0 ? "blue" : "red",
                Created = Seed.Start.AddSeconds(random.Next(50)),
                Queued = Maybe(),
                Started = Maybe(),
                Ended = Maybe(),
                Superseded = random.Next(3) == 0 ? Seed.Start.AddSeconds(random.Next(30)) : null,
                SupersededJobId = random.Next(3) == 0 ? random.Next(1, 60) : null,
                SourceSensorClass = random.Next(5) switch { 0 => "Optical", 1 => "optical", 2 => "radar", _ => null },
                SourceTask = random.Next(9) == 0 ? null : "t" + random.Next(3),
                SourceStarted = Far(),
                SourceEnded = Far(),
                LastModified = Seed.Start.AddSeconds(97 * random.Next(100)),
            };

            long? Some(IEnumerable<long> ids) => random.Next(4) == 0 ? null : ids.ElementAt(random.Next(ids.Count()));
            DateTime? Far() => random.Next(5) == 0 ? null : Seed.Start.AddMinutes(random.Next(200));
            DateTime? Maybe() => random.Next(5) == 0 ? null : Seed.Start.AddSeconds(random.Next(60));
        }

        private static string Number(long number) => number.ToString("D20", CultureInfo.InvariantCulture);

        private static string? Moment(DateTime? moment) => moment is { } known ? Number(Time.ToMicroseconds(known)) : null;

        private static string? Id(long? id) => id is { } known ? Number(known) : null;
    }
}
