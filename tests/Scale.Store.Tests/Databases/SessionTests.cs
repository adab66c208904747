using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Databases;

/// <summary>One statement text, two databases, the same answers.</summary>
public sealed class SessionTests
{
    private static readonly DateTime Noon = new(2024, 5, 1, 12, 0, 0, 123, 456, DateTimeKind.Utc);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Upgrading_twice_changes_nothing(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await SchemaUpgrade.Run(test.Database, TimeProvider.System);
        await using var session = await test.Database.Read();
        Assert.Equal(SchemaUpgrade.Scripts(provider).Count, await session.QueryFirst("SELECT count(*) FROM schema_version", r => r.GetInt32(0)));
    }

    [Theory]
    [InlineData(Provider.Sqlite, false)]
    [InlineData(Provider.Postgres, false)]
    [InlineData(Provider.Postgres, true)]
    public async Task Bulk_inserted_rows_read_back_as_they_were(Provider provider, bool isDeferring)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write(isDeferring: isDeferring);
        await session.BulkInsert("job", new Rows("j",
            ("id", new long[] { 1, 2 }),
            ("job_type_id", new long[] { 7, long.MaxValue }),
            ("job_type_rev_id", new long[] { 8, 8 }),
            ("status", new short[] { 0, 6 }),
            ("max_tries", new int[] { 3, 4 }),
            ("batch_id", new long?[] { null, 5 }),
            ("is_superseded", new bool[] { false, true }),
            ("input", new string?[] { null, "naïve \"日本\" \\ \n 🛰" }),
            ("input_file_size", new double?[] { null, 1.5 }),
            ("created", new DateTime[] { Noon, Noon }),
            ("queued", new DateTime?[] { null, Noon }),
            ("last_modified", new DateTime[] { Noon, Noon })));
        var rows = await session.Query(
            "SELECT id, job_type_id, status, max_tries, batch_id, is_superseded, input, input_file_size, created, queued FROM job ORDER BY id",
            r => (r.GetInt64(0), r.GetInt64(1), r.GetInt16(2), r.GetInt32(3), r.Long(4), r.GetBoolean(5), r.Text(6), r.Double(7), r.Moment(8), r.MomentOrNull(9)));
        Assert.Equal([(1, 7, 0, 3, null, false, null, null, Noon, null), (2, long.MaxValue, 6, 4, 5, true, "naïve \"日本\" \\ \n 🛰", 1.5, Noon, Noon)], rows);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Bulk_inserted_rows_may_be_many_and_long(Provider provider)
    {
        const int Count = 5_000;
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        static string Text(long id) => new((char)('a' + (id % 26)), id == 17 ? 300_000 : (int)(id % 50));
        var ids = Enumerable.Range(1, Count).Select(i => (long)i).ToArray();
        await session.BulkInsert("job", new Rows("j",
            ("id", ids),
            ("job_type_id", new long[Count]),
            ("job_type_rev_id", new long[Count]),
            ("status", new short[Count]),
            ("max_tries", new int[Count]),
            ("input", ids.Column(id => id % 3 == 0 ? null : Text(id))),
            ("created", ids),
            ("last_modified", ids)));
        Assert.Equal(
            ids.Select(id => (id, id % 3 == 0 ? null : Text(id), id)),
            await session.Query("SELECT id, input, created FROM job ORDER BY id", r => (r.GetInt64(0), r.Text(1), r.GetInt64(2))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Row_sets_join_with_every_kind_of_value(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 3);
        var updated = await session.Execute(
            """
            UPDATE job SET status = v.status, batch_id = v.batch_id, is_superseded = v.flag, input = v.input, input_file_size = v.size, ended = v.ended, last_modified = @now
            FROM {v} WHERE job.id = v.id AND job.status = 0
            """,
            new Rows("v",
                ("id", new long[] { 1, 3, 99 }),
                ("status", new short[] { 2, 4, 5 }),
                ("batch_id", new long?[] { null, 12, 13 }),
                ("flag", new bool[] { true, false, false }),
                ("input", new string?[] { "é\"'", null, "x" }),
                ("size", new double?[] { 2.25, null, 0 }),
                ("ended", new DateTime?[] { Noon, null, null })),
            ("now", Noon));
        Assert.Equal(2, updated);
        var rows = await session.Query("SELECT id, status, batch_id, is_superseded, input, input_file_size, ended FROM job WHERE last_modified = @now ORDER BY id",
            r => (r.GetInt64(0), r.GetInt16(1), r.Long(2), r.GetBoolean(3), r.Text(4), r.Double(5), r.MomentOrNull(6)), ("now", Noon));
        Assert.Equal([(1, 2, null, true, "é\"'", 2.25, Noon), (3, 4, 12, false, null, null, null)], rows);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_update_of_rows_answers_for_those_it_touched(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 30);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var ids = Enumerable.Range(1, 20).Select(i => 2L * i).ToArray();
            var answers = await session.Query(
                "UPDATE job SET input = v.input, batch_id = @batch FROM {v} WHERE job.id = v.id AND job.batch_id IS NULL RETURNING job.id, job.input, job.input_file_size",
                new Rows("v", ("id", ids), ("input", ids.Column(id => id % 4 == 0 ? null : $"\"{id}\""))),
                r => (Id: r.GetInt64(0), Input: r.Text(1), Size: r.Double(2)),
                ("batch", 7L));
            Assert.Equal(attempt > 0 ? [] : ids.Where(id => id <= 30).Select(id => (id, id % 4 == 0 ? null : $"\"{id}\"", (double?)null)), answers.OrderBy(a => a.Id));
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Null_is_never_read_as_a_value(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        foreach (var open in (Func<Task<Session>>[])[() => test.Database.Write(), () => test.Database.Read()])
        {
            await using var session = await open();
            await Assert.ThrowsAnyAsync<Exception>(() => session.Query("SELECT max(id) FROM job", r => r.GetInt64(0)));
        }

        await using var writer = await test.Database.Write();
        await Assert.ThrowsAnyAsync<Exception>(() => writer.Query("SELECT max(input) FROM job", r => r.GetString(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Empty_row_sets_and_arrays_touch_nothing(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 2);
        Assert.Equal(0, await session.Execute("DELETE FROM job WHERE id IN (SELECT v.id FROM {v})", new Rows("v", ("id", Array.Empty<long>()))));
        Assert.Equal(0, await session.Execute("DELETE FROM job WHERE id IN @ids", ("ids", Array.Empty<long>())));
        await session.BulkInsert("job", new Rows("j", ("id", Array.Empty<long>())));
        Assert.Equal(2, await session.QueryFirst("SELECT count(*) FROM job", r => r.GetInt32(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Arrays_of_numbers_and_words_can_be_searched(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 4);
        await session.Execute("UPDATE job SET recipe_node = @name WHERE id IN @ids", ("name", "it's \"ü\""), ("ids", new long[] { 2, 4, 9 }));
        Assert.Equal([2, 4], await session.Query("SELECT id FROM job WHERE recipe_node IN @names AND status IN @states ORDER BY id", r => r.GetInt64(0),
            ("names", new[] { "it's \"ü\"", "other" }), ("states", new short[] { 0, 1 })));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Names_that_begin_alike_are_kept_apart(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 4);
        Assert.Equal([3], await session.Query("SELECT id FROM job WHERE id IN @id AND id IN @ids", r => r.GetInt64(0),
            ("id", new long[] { 2, 3 }), ("ids", new long[] { 3, 4 })));
        Assert.Equal([1, 2], await session.Query("SELECT id FROM job WHERE id NOT IN @ids ORDER BY id", r => r.GetInt64(0), ("ids", new long[] { 3, 4 })));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Allocated_ids_ascend_and_are_never_given_twice(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        long[] first, second;
        await using (var session = await test.Database.Write())
        {
            first = await session.AllocateIds("event", 3);
            second = await session.AllocateIds("event", 2);
            await session.Commit();
        }

        await using var later = await test.Database.Write();
        var inserted = await later.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", Noon));
        long[] all = [.. first, .. second, inserted];
        Assert.Equal(all.Order().Distinct(), all);
        Assert.Empty(await later.AllocateIds("event", 0));
    }

    [Fact]
    public async Task Ids_that_others_take_in_between_are_not_allocated()
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await using var session = await test.Database.Write();
        await session.Execute("ALTER SEQUENCE event_id_seq INCREMENT BY 2 RESTART WITH 1");
        var ids = await session.AllocateIds("event", 3);
        Assert.All(ids, id => Assert.True(id % 2 == 1, $"{id} belongs to others"));
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_is_not_committed_never_happened(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write())
        {
            await InsertJobs(session, 2);
        }

        await using (var session = await test.Database.Write())
        {
            await session.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", Noon));
            await session.Commit();
        }

        await using var read = await test.Database.Read();
        Assert.Equal(0, await read.QueryFirst("SELECT count(*) FROM job", r => r.GetInt32(0)));
        Assert.Equal(Noon, await read.QueryFirst("SELECT occurred FROM event", r => r.Moment(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Nulls_and_enums_are_bound(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        await InsertJobs(session, 1);
        await session.Execute("UPDATE job SET batch_id = @batch, recipe_node = @name, status = @status, ended = @ended, input_file_size = @size, is_superseded = @flag WHERE id = 1",
            ("batch", null), ("name", null), ("status", DayOfWeek.Friday), ("ended", null), ("size", null), ("flag", true));
        Assert.Equal((null, 5, true), await session.QueryFirst("SELECT batch_id, status, is_superseded FROM job", r => (r.Long(0), r.GetInt32(1), r.GetBoolean(2))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Readers_see_only_what_was_committed(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var writer = await test.Database.Write();
        await InsertJobs(writer, 2);
        await using var reader = await test.Database.Read();
        Assert.Equal(0, await reader.QueryFirst("SELECT count(*) FROM job", r => r.GetInt32(0)));
        await writer.Commit();
        Assert.Equal(2, await reader.QueryFirst("SELECT count(*) FROM job", r => r.GetInt32(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Many_columns_join(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write();
        var rows = new Rows("v");
        for (var column = 0; column < 40; column++)
        {
            rows.Add("c" + column, Enumerable.Range(0, 100).Select(i => (long)i * 100 + column).ToArray());
        }

        var sums = await session.Query("SELECT c0, c39 FROM {v} ORDER BY c0", rows, r => (r.GetInt64(0), r.GetInt64(1)));
        Assert.Equal(100, sums.Count);
        Assert.Equal((9900, 9939), sums[99]);
    }

    [Fact]
    public void Columns_of_different_length_are_refused() =>
        Assert.Throws<ArgumentException>(() => new Rows("v", ("a", new long[] { 1 }), ("b", new long[] { 1, 2 })));

    private static Task InsertJobs(Session session, int count) => session.BulkInsert("job", new Rows("j",
        ("id", Enumerable.Range(1, count).Select(i => (long)i).ToArray()),
        ("job_type_id", new long[count]),
        ("job_type_rev_id", new long[count]),
        ("status", new short[count]),
        ("max_tries", new int[count]),
        ("created", new long[count]),
        ("last_modified", new long[count])));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Statements_sent_ahead_take_effect_in_their_order(Provider provider)
    {
        const int Rows = 200;
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write(isDeferring: true);
        string[] Names(int group) => [.. Enumerable.Range(0, Rows).Select(i => $"key-{group}-{i}")];
        for (var group = 1; group <= 3; group++)
        {
            await session.BulkInsert("instance", new Rows("i", ("name", Names(group)), ("value", Enumerable.Repeat("0", Rows).ToArray())));
            for (var earlier = 1; earlier <= group; earlier++)
            {
                await session.Send(
                    "UPDATE instance SET value = instance.value || @group FROM {v} WHERE instance.name = v.name", new Rows("v", ("name", Names(earlier))), ("group", $"{group}"));
            }
        }

        Assert.Equal(
            [("0123", Rows), ("023", Rows), ("03", Rows)],
            await session.Query("SELECT value, count(*) FROM instance WHERE name LIKE 'key-%' GROUP BY value ORDER BY value", r => (r.GetString(0), r.GetInt32(1))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_statement_sent_ahead_that_fails_is_never_committed(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var names = Enumerable.Range(0, 100).Select(i => $"key-{i}").ToArray();
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(async () =>
        {
            await using var session = await test.Database.Write(isDeferring: true);
            await session.BulkInsert("instance", new Rows("i", ("name", names), ("value", names)));
            await session.Send("UPDATE instance SET value = NULL FROM {v} WHERE instance.name = v.name", new Rows("v", ("name", names)));
            await session.Commit();
        });
        await using var reader = await test.Database.Read();
        Assert.Empty(await reader.Query("SELECT value FROM instance WHERE name LIKE 'key-%'", r => r.GetString(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Ids_are_taken_while_rows_are_on_their_way(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write(isDeferring: true);
        var taken = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            var names = Enumerable.Range(0, 100).Select(n => $"{i}-{n}").ToArray();
            await session.BulkInsert("instance", new Rows("i", ("name", names), ("value", names)));
            taken.AddRange(await session.AllocateIds("recipe", 3));
        }

        await session.Commit();
        Assert.Equal(taken.Distinct().Order(), taken);
    }
}
