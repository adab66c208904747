using System.Text.Json;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Store.Tests.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.JobTypes;

public sealed class JobTypeCatalogTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_edited_job_type_is_read_again_and_others_are_not(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var (edited, other) = (await AddJobType(test, "edited"), await AddJobType(test, "other"));
        var catalog = new JobTypeCatalog();
        var before = await test.Write(session => catalog.Types(session, [edited, other, 4711]));
        Assert.Equal(2, before.Count);
        Assert.Equal(30, before[edited].Manifest.Timeout);
        Assert.Null(before[edited].MaxScheduled);

        await test.Write(session => session.Execute("UPDATE job_type SET is_paused = TRUE, max_scheduled = 5, last_modified = last_modified - 1 WHERE id = @id", ("id", edited)));
        var after = await test.Write(async session =>
        {
            catalog.Refresh(await JobTypeCatalog.Stamps(session));
            return await catalog.Types(session, [edited, other]);
        });
        Assert.Equal((true, 5), (after[edited].IsPaused, after[edited].MaxScheduled));
        Assert.Same(before[other], after[other]);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Revisions_are_read_once(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var type = await AddJobType(test, "work");
        var revision = await test.Write(session => session.Insert("job_type_revision",
            ("job_type_id", type), ("revision_num", 1), ("manifest", Manifest("work")), ("docker_image", "dir:work"), ("created", StoredJobs.Now)));
        var catalog = new JobTypeCatalog();
        var first = await test.Write(session => catalog.Revisions(session, [revision, 4711]));
        var second = await test.Write(session => catalog.Revisions(session, [revision]));
        Assert.Equal("dir:work", Assert.Single(first).Value.Image);
        Assert.Same(first[revision], second[revision]);
    }

    private static Task<long> AddJobType(TestDatabase test, string name) => test.Write(session => session.Insert("job_type",
        ("name", name), ("version", "1.0.0"), ("version_order", "1"), ("title", name), ("description", name), ("docker_image", "dir:" + name), ("manifest", Manifest(name)),
        ("revision_id", 1L), ("revision_num", 1), ("max_scheduled", 0), ("created", StoredJobs.Now), ("last_modified", StoredJobs.Now)));

    private static string Manifest(string name) => SeedManifest.Parse(JsonElement.Parse(
        $$"""
        {"seedVersion":"1.0.0","job":{"name":"{{name}}","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"T","description":"D",
        "maintainer":{"name":"A. Body","email":"a@example.com"},"timeout":30,"interface":{"command":"run"} } }
        """)).Required().NormalForm;
}
