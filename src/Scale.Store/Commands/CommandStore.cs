using Scale.Store.Databases;

namespace Scale.Store.Commands;

/// <summary>Where a command stands. The numbers are stored; never renumber.</summary>
public enum CommandState : short
{
    Open = 0,
    Done = 1,

    /// <summary>Given up after too many attempts; its error says why.</summary>
    Failed = 2,
}

public sealed record StoredCommand(long Id, string Kind, string Arguments, string Progress, int Attempts, DateTime Created, string? Error);

/// <summary>Open commands in the order they were appended, and what became of them.</summary>
public static class CommandStore
{
    /// <summary>The oldest command of each kind that may run now.</summary>
    /// <param name="longestWait">Nothing waits longer: what seems to was made to wait before the clock was set back, and may run.</param>
    public static Task<List<StoredCommand>> OldestOfEachKind(Session session, DateTime now, TimeSpan longestWait) => session.Query(
        """
        SELECT id, kind, arguments, progress, attempts, created, error FROM command
        WHERE id IN (SELECT min(id) FROM command WHERE state = 0 AND (not_before <= @now OR not_before > @latest) GROUP BY kind) ORDER BY id
        """,
        r => new StoredCommand(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt32(4), r.Moment(5), r.Text(6)),
        ("now", now), ("latest", now + longestWait));

    /// <summary>Whether any command is open, and any recipe waits for its evaluation: one row.</summary>
    public static Reply<List<(bool Command, bool Recipe)>> AnyWaiting(Session session) => session.Ask(
        "SELECT EXISTS (SELECT 1 FROM command WHERE state = 0), EXISTS (SELECT 1 FROM recipe_dirty)", r => (Command: r.GetBoolean(0), Recipe: r.GetBoolean(1)));

    /// <summary>When the next command that waits after a failure may run; null when none waits.</summary>
    public static Task<DateTime?> NextAttempt(Session session, DateTime now) => session.QueryFirst(
        "SELECT min(not_before) FROM command WHERE state = 0 AND not_before > @now",
        r => r.MomentOrNull(0),
        ("now", now));

    /// <summary>After a slice: its progress, and whether it was the last.</summary>
    /// <param name="continueAt">When the next slice may run.</param>
    public static Task<int> Progressed(Session session, long id, string progress, bool isDone, DateTime continueAt, DateTime now) => session.Execute(
        """
        UPDATE command SET progress = @progress, state = @state, finished = @finished, not_before = @not_before, attempts = 0, error = NULL, last_modified = @now
        WHERE id = @id AND state = 0
        """,
        ("id", id), ("progress", progress), ("state", (int)(isDone ? CommandState.Done : CommandState.Open)), ("finished", isDone ? Time.ToMicroseconds(now) : null),
        ("not_before", continueAt), ("now", now));

    /// <summary>Finishes every open command of a kind after the one that runs, which does their work with its own.</summary>
    /// <returns>Their arguments.</returns>
    public static Task<List<string>> TakeFollowing(Session session, string kind, long id, DateTime now) => session.Query(
        "UPDATE command SET state = 1, finished = @now, last_modified = @now WHERE state = 0 AND kind = @kind AND id > @id RETURNING arguments",
        r => r.GetString(0),
        ("kind", kind), ("id", id), ("now", now));

    /// <summary>After a slice that failed and was rolled back.</summary>
    /// <param name="retryAt">When to try again; null gives the command up.</param>
    public static Task<int> FailedSlice(Session session, long id, string error, DateTime? retryAt, DateTime now) => session.Execute(
        """
        UPDATE command SET attempts = attempts + 1, error = @error, not_before = @not_before, state = @state, finished = @finished, last_modified = @now
        WHERE id = @id AND state = 0
        """,
        ("id", id), ("error", error), ("not_before", retryAt ?? now), ("state", (int)(retryAt is null ? CommandState.Failed : CommandState.Open)),
        ("finished", retryAt is null ? Time.ToMicroseconds(now) : null), ("now", now));
}
