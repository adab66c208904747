using Microsoft.EntityFrameworkCore;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Context;

public sealed class ScaleContextTests
{
    private static readonly DateTime Moment = new(2026, 3, 1, 9, 0, 0, 123, 456, DateTimeKind.Utc);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_model_and_the_schema_name_the_same_columns_with_the_same_types(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var context = test.Database.Context();
        await using var session = await test.Database.Read();

        var stored = await session.Query(ColumnsOf(provider), r => new Column(r.GetString(0), r.GetString(1), Kind(r.GetString(2)), r.GetBoolean(3)));
        var mapped = context.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties().Select(property => new Column(
            entity.GetTableName()!, property.GetColumnName(), Kind(property), !property.IsNullable)));

        Assert.Equal(stored.OrderBy(c => c.Table).ThenBy(c => c.Name), mapped.OrderBy(c => c.Table).ThenBy(c => c.Name));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Keys_of_the_model_are_the_primary_keys_of_the_schema(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var context = test.Database.Context();
        await using var session = await test.Database.Read();

        var stored = await session.Query(KeysOf(provider), r => $"{r.GetString(0)}.{r.GetString(1)}");
        var mapped = context.Model.GetEntityTypes().SelectMany(entity => entity.FindPrimaryKey()!.Properties.Select(p => $"{entity.GetTableName()}.{p.GetColumnName()}"));

        Assert.Equal(stored.Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_table_can_be_read(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var context = test.Database.Context();

        foreach (var property in typeof(ScaleContext).GetProperties().Where(p => p.PropertyType.IsGenericType))
        {
            var rows = (IQueryable<object>)property.GetValue(context)!;
            await rows.Take(1).ToListAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Rows_written_in_a_session_are_seen_after_its_commit_with_times_to_the_microsecond(Provider provider)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var test = await TestDatabase.Create(provider);
        var type = NewJobType("tiler");
        await using (var session = await test.Database.Write(cancel))
        {
            await using var write = session.Context();
            write.Add(type);
            await write.SaveChangesAsync(cancel);
            await using var other = test.Database.Context();
            Assert.Empty(await other.JobTypes.ToListAsync(cancel));
            await session.Commit();
        }

        await using var read = test.Database.Context();
        var seen = Assert.Single(await read.JobTypes.Where(t => t.Created >= Moment && t.Created <= Moment).ToListAsync(cancel));
        Assert.Equal(type.Id, seen.Id);
        Assert.Equal(Moment, seen.Created);
        Assert.Equal(DateTimeKind.Utc, seen.Created.Kind);
        Assert.Empty(read.ChangeTracker.Entries());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_join_what_they_name_and_sort_by_how_long_they_took(Provider provider)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write(cancel))
        {
            await using var write = session.Context();
            var type = NewJobType("tiler");
            write.Add(type);
            await write.SaveChangesAsync(cancel);
            foreach (var seconds in new[] { 30, 10, 20 })
            {
                write.Add(new Scale.Store.Jobs.JobRow
                {
                    JobTypeId = type.Id,
                    JobTypeRevId = 1,
                    Status = JobStatus.Completed,
                    MaxTries = 3,
                    Started = Moment,
                    Ended = Moment.AddSeconds(seconds),
                    Created = Moment,
                    LastModified = Moment,
                });
            }

            await write.SaveChangesAsync(cancel);
            await session.Commit();
        }

        await using var read = test.Database.Context();
        var ids = new[] { 1L, 2L, 3L };
        var jobs = await read.Jobs.Where(j => ids.Contains(j.Id) && j.Status == JobStatus.Completed)
            .OrderBy(j => Time.ToMicroseconds(j.Ended!.Value) - Time.ToMicroseconds(j.Started!.Value))
            .Select(j => new { j.JobType.Name, Recipe = (long?)j.Recipe!.Id, j.Ended })
            .ToListAsync(cancel);

        Assert.Equal([10, 20, 30], jobs.Select(j => (j.Ended!.Value - Moment).TotalSeconds));
        Assert.All(jobs, job => Assert.Equal("tiler", job.Name));
        Assert.All(jobs, job => Assert.Null(job.Recipe));
    }

    private sealed record Column(string Table, string Name, string Kind, bool IsRequired);

    private static JobTypeRow NewJobType(string name) => new()
    {
        Name = name,
        Version = "1.0.0",
        VersionOrder = "1",
        Title = name,
        Description = "",
        DockerImage = "image",
        Manifest = "{}",
        Created = Moment,
        LastModified = Moment,
    };

    private static string ColumnsOf(Provider provider) => provider == Provider.Sqlite
        ? """SELECT t.name, c.name, c.type, c."notnull" = 1 OR c.pk > 0 FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT IN ('schema_version', 'sqlite_sequence')"""
        : "SELECT table_name, column_name, data_type, is_nullable = 'NO' FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_version'";

    private static string KeysOf(Provider provider) => provider == Provider.Sqlite
        ? "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.pk > 0 AND t.name NOT IN ('schema_version', 'sqlite_sequence')"
        : "SELECT k.table_name, k.column_name FROM information_schema.key_column_usage k JOIN information_schema.table_constraints c USING (constraint_name, table_name) WHERE c.constraint_type = 'PRIMARY KEY' AND k.table_schema = 'public' AND k.table_name <> 'schema_version'";

    private static string Kind(string type) => type.ToLowerInvariant() switch
    {
        "bigint" or "integer" => "whole",
        "smallint" => "small",
        "double precision" => "real",
        var other => other,
    };

    private static string Kind(Microsoft.EntityFrameworkCore.Metadata.IProperty property)
    {
        var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
        return type == typeof(DateTime) || type == typeof(long) || type == typeof(int) ? "whole"
            : type == typeof(short) || type.IsEnum && Enum.GetUnderlyingType(type) == typeof(short) ? "small"
            : type == typeof(bool) ? "boolean"
            : type == typeof(double) ? "real"
            : type == typeof(string) ? "text"
            : type.Name;
    }
}
