using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Tests.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Files;

public sealed class ProductStoreTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Files_lead_back_to_their_sources(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await AddFile(test, 1, FileType.Source, dataStarted: StoredJobs.Now);
        await AddFile(test, 2, FileType.Source);
        await AddFile(test, 3, FileType.Product);
        await AddFile(test, 4, FileType.Product);
        await test.Write(session => ProductStore.ReplaceAncestry(session, [8], [new(1, 3, 8, null, null, null), new(2, 3, 8, null, null, null)], StoredJobs.Now));

        var origins = await test.Write(session => ProductStore.Origins(session, [1, 3, 4, 99]));
        Assert.Equal([1, 3, 4], origins.Keys.Order());
        Assert.Equal([new SourceOrigin(1, StoredJobs.Now, null)], origins[1].Sources);
        Assert.Equal([1, 2], origins[3].Sources.Select(s => s.FileId).Order());
        Assert.Empty(origins[4].Sources);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Links_of_a_job_are_replaced_as_a_whole(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await test.Write(session => ProductStore.ReplaceAncestry(session, [8, 9], [new(1, null, 8, null, null, null), new(1, null, 9, null, null, null)], StoredJobs.Now));
        await test.Write(session => ProductStore.ReplaceAncestry(session, [8], [new(1, 5, 8, 3, 4, 6)], StoredJobs.Now));
        Assert.Equal(
            [(8L, 5L, 3L), (9L, null, null)],
            await test.Rows("SELECT job_id, descendant_id, job_exe_id FROM file_ancestry ORDER BY job_id", r => (r.GetInt64(0), r.Long(1), r.Long(2))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Products_of_the_same_identity_are_superseded_but_for_the_executions_own(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await test.Write(session => ProductStore.Insert(
            session, [Product(1, "u", 1, isPublished: true), Product(2, "u", 2, isPublished: true), Product(3, "u", 3, isPublished: false), Product(4, "v", 1, isPublished: true)], StoredJobs.Now));
        await test.Write(session => ProductStore.Supersede(session, ["u"], [2L], StoredJobs.Now));
        await test.Write(session => ProductStore.Supersede(session, ["u"], [2L], StoredJobs.Now.AddDays(1)));
        Assert.Equal(
            [(1L, false, StoredJobs.Now), (2L, true, null), (3L, false, null), (4L, true, null)],
            await test.Rows("SELECT id, is_published, superseded FROM file ORDER BY id", r => (r.GetInt64(0), r.GetBoolean(1), r.MomentOrNull(2))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_whole_chain_is_unpublished(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var jobs = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            jobs.Add(await test.AddJob(Model.Jobs.JobStatus.Completed, 1));
        }

        await test.Write(session => session.Execute("UPDATE job SET root_superseded_job_id = @root WHERE id IN @ids", ("root", jobs[0]), ("ids", new[] { jobs[1], jobs[2] })));
        await test.Write(session => ProductStore.Insert(session, [.. jobs.Select((job, i) => Product(i + 1, $"u{i}", i + 1, isPublished: true) with { JobId = job }), Product(9, "w", 9, isPublished: true)], StoredJobs.Now));
        await test.Write(session => ProductStore.UnpublishChains(session, [jobs[0]], [3L], StoredJobs.Now));
        Assert.Equal(
            [(1L, false), (2L, false), (3L, true), (9L, true)],
            await test.Rows("SELECT id, is_published FROM file ORDER BY id", r => (r.GetInt64(0), r.GetBoolean(1))));
    }

    private static NewProduct Product(long id, string uuid, long execution, bool isPublished) => new(
        id, "a.tif", 1, "a.tif", "image/tiff", 1, uuid, null, "{}", null, null, null, null, null, null, null, null, null, null, 100 + execution, execution, 1, "OUT", null, null, null, null)
    {
        IsPublished = isPublished,
    };

    private static Task<int> AddFile(TestDatabase test, long id, FileType type, DateTime? dataStarted = null) => test.Write(session => session.Execute(
        """
        INSERT INTO file (id, file_name, workspace_id, file_path, file_type, media_type, file_size, uuid, data_started, created, last_modified)
        VALUES (@id, 'f', 1, 'f', @type, 'x', 1, 'u', @started, 0, 0)
        """,
        ("id", id), ("type", (int)type), ("started", dataStarted)));
}
