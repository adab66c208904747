using System.Diagnostics;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Api.Tests.Jobs.JobListSpeed</c>.</summary>
public sealed class JobListSpeed(ITestOutputHelper output)
{
    private const int Jobs = 1_000_000;
    private const int Asks = 50;

    [Theory(Explicit = true)]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Pages_and_details_with_a_million_jobs(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        await seed.JobType("other");
        var recipeType = await seed.RecipeType("tile-scene", """{"version":"7","input":{"files":[],"json":[]},"nodes":{}}""");
        var file = await seed.File("scene.tif", await seed.Workspace());
        var recipe = await seed.Recipe(recipeType);
        await AddJobs(api, type.Id, type.RevisionId, recipe, file.Id);

        string[] paths =
        [
            "/v6/jobs/", "/v6/jobs/?order=-last_modified", "/v6/jobs/?page=5000", "/v6/jobs/?page=last", "/v6/jobs/?page_size=1000", "/v6/jobs/?status=RUNNING", "/v6/jobs/?status=FAILED",
            "/v6/jobs/?batch_id=7", $"/v6/jobs/?job_type_id={type.Id}&status=FAILED", "/v6/jobs/?job_type_name=tiler&order=-last_modified", "/v6/jobs/?job_type_name=other",
            $"/v6/jobs/?recipe_id={recipe.Id}", "/v6/jobs/?order=duration", "/v6/jobs/?order=job_type", "/v6/jobs/?started=2026-03-01T09:16:00Z", "/v6/jobs/500000/", "/v6/jobs/500000/input_files/",
        ];
        foreach (var path in paths)
        {
            (await api.Get(path)).Expect(200);
            var times = new List<double>();
            for (var i = 0; i < Asks; i++)
            {
                var watch = Stopwatch.StartNew();
                await api.Get(path);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"{provider} {path}: median {times[Asks / 2]:N1} ms, worst {times[^1]:N1} ms");
        }
    }

    private static async Task AddJobs(ApiFixture api, long typeId, long revisionId, RecipeRow recipe, long fileId)
    {
        const int Slice = 100_000;
        var input = $$$"""{"files":{"SCENE":[{{{fileId}}}]},"json":{}}""";
        for (var first = 0; first < Jobs; first += Slice)
        {
            await using var session = await api.Database.Write();
            var ids = await session.AllocateIds("job", Slice);
            await session.BulkInsert("job", new Scale.Store.Databases.Rows("v",
                ("id", ids),
                ("job_type_id", Array.ConvertAll(ids, _ => typeId)),
                ("job_type_rev_id", Array.ConvertAll(ids, _ => revisionId)),
                ("status", Array.ConvertAll(ids, id => (short)(id % 1000 == 0 ? 3 : id % 50 == 0 ? 4 : 5))),
                ("num_exes", Array.ConvertAll(ids, _ => 1)),
                ("max_tries", Array.ConvertAll(ids, _ => 3)),
                ("recipe_id", Array.ConvertAll(ids, id => (long?)(id % 10_000 == 0 ? recipe.Id : null))),
                ("batch_id", Array.ConvertAll(ids, id => (long?)(id % 100))),
                ("input", Array.ConvertAll(ids, _ => input)),
                ("input_file_size", Array.ConvertAll(ids, _ => 1.0)),
                ("created", Array.ConvertAll(ids, id => Seed.Start.AddMilliseconds(id))),
                ("started", Array.ConvertAll(ids, id => Seed.Start.AddMilliseconds(id))),
                ("ended", Array.ConvertAll(ids, id => Seed.Start.AddMilliseconds(id + id % 977))),
                ("last_modified", Array.ConvertAll(ids, id => Seed.Start.AddMilliseconds(id)))));
            await session.BulkInsert("job_input_file", new Scale.Store.Databases.Rows("f",
                ("job_id", ids),
                ("input_name", Array.ConvertAll(ids, _ => "SCENE")),
                ("file_id", Array.ConvertAll(ids, _ => fileId))));
            await session.Commit();
        }
    }
}
