using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Scale.Store.Databases;

/// <summary>Opens <see cref="ScaleContext"/>s over a database or over the transaction of a session.</summary>
public static class ScaleContexts
{
    private static readonly ConditionalWeakTable<Database, DbContextOptions<ScaleContext>> Options = [];

    /// <summary>For reads; takes a connection of the pool while a query runs. Not for concurrent use.</summary>
    public static ScaleContext Context(this Database database) =>
        new(Options.GetValue(database, static d => Builder(d.Provider, sqlite => sqlite.UseSqlite(d.ConnectionString, ListsAsOneParameter), postgres => postgres.UseNpgsql(d.PostgresSource!))));

    /// <summary>For simple writes inside the session's transaction; <c>SaveChanges</c> writes, <see cref="Session.Commit"/> commits. The session stays the caller's.</summary>
    public static ScaleContext Context(this Session session)
    {
        var context = new ScaleContext(Builder(session.Provider, sqlite => sqlite.UseSqlite(session.Connection, ListsAsOneParameter), postgres => postgres.UseNpgsql(session.Connection)));
        if (session.Transaction is { } transaction)
        {
            context.Database.UseTransaction(transaction);
        }

        return context;
    }

    // A thousand ids are one JSON parameter, not a thousand variables and a new plan per length; Npgsql binds arrays anyway.
    private static void ListsAsOneParameter(SqliteDbContextOptionsBuilder sqlite) => sqlite.UseParameterizedCollectionMode(ParameterTranslationMode.Parameter);

    private static DbContextOptions<ScaleContext> Builder(
        Provider provider, Action<DbContextOptionsBuilder<ScaleContext>> sqlite, Action<DbContextOptionsBuilder<ScaleContext>> postgres)
    {
        var builder = new DbContextOptionsBuilder<ScaleContext>()
            .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
            .EnableThreadSafetyChecks(false)
            .ConfigureWarnings(warnings => warnings.Ignore(CoreEventId.FirstWithoutOrderByAndFilterWarning, CoreEventId.RowLimitingOperationWithoutOrderByWarning));
        (provider == Provider.Sqlite ? sqlite : postgres)(builder);
        return builder.Options;
    }
}
