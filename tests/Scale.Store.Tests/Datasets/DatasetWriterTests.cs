using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Store.Datasets;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Datasets;

public sealed class DatasetWriterTests
{
    private static readonly DateTime Now = new(2026, 3, 1, 9, 0, 0, DateTimeKind.Utc);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_file_counts_once_under_the_first_parameter_it_came_in_by(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        long id;
        await using (var session = await test.Database.Write())
        {
            id = await DatasetWriter.Create(session, "title", null, "{}", Now);
            var first = await DatasetWriter.AddMembers(session, id, [Member(("A", [1, 2]), ("B", [2])), Member(("B", [1, 3]))], Now);
            var second = await DatasetWriter.AddMembers(session, id, [Member(("C", [3, 4]))], Now);
            Assert.Equal(3, first.Concat(second).Distinct().Count());
            await session.Commit();
        }

        await using var context = test.Database.Context();
        var cancel = TestContext.Current.CancellationToken;
        var dataset = await context.Datasets.SingleAsync(cancel);
        Assert.Equal((3, 4), (dataset.MemberCount, dataset.FileCount));
        var files = await context.DatasetFiles.Where(f => f.DatasetId == id).OrderBy(f => f.FileId).Select(f => $"{f.FileId}{f.ParameterName}").ToListAsync(cancel);
        Assert.Equal(["1A", "2A", "3B", "4C"], files);
        var members = await context.DatasetMembers.OrderBy(m => m.Id).Select(m => m.FileIds).ToListAsync(cancel);
        Assert.Equal(["[1,2]", "[1,3]", "[3,4]"], members);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_hundred_thousand_members_are_stored(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write())
        {
            var id = await DatasetWriter.Create(session, null, null, "{}", Now);
            var members = Enumerable.Range(1, 100_000).Select(i => Member(("SCENE", [i]))).ToList();
            var ids = await DatasetWriter.AddMembers(session, id, members, Now);
            Assert.Equal(100_000, ids.Length);
            await session.Commit();
        }

        await using var context = test.Database.Context();
        var dataset = await context.Datasets.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((100_000, 100_000), (dataset.MemberCount, dataset.FileCount));
        Assert.Equal(100_000, await context.DatasetMembers.CountAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Members_without_files_are_stored(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write())
        {
            var id = await DatasetWriter.Create(session, null, null, "{}", Now);
            await DatasetWriter.AddMembers(session, id, [DataValues.Empty with { Json = DataValues.NoJson.Add("N", JsonSerializer.SerializeToElement(1)) }], Now);
            await session.Commit();
        }

        await using var context = test.Database.Context();
        var member = await context.DatasetMembers.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("""{"files":{},"json":{"N":1}}""", "[]"), (member.Data, member.FileIds));
    }

    private static DataValues Member(params (string Name, long[] Ids)[] files) =>
        DataValues.Empty with { Files = DataValues.NoFiles.AddRange(files.Select(f => KeyValuePair.Create(f.Name, f.Ids.ToImmutableArray()))) };
}
