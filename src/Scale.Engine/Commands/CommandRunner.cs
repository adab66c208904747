using System.Text.Json;
using Microsoft.Extensions.Logging;
using Scale.Engine.Leadership;
using Scale.Store.Commands;
using Scale.Store.Databases;

namespace Scale.Engine.Commands;

/// <summary>
/// Carries out commands a slice at a time: the oldest of each kind, the kinds in turn, so a long one delays no other kind. A slice that fails is
/// rolled back and tried again later; it never stops the others.
/// </summary>
public sealed class CommandRunner(EngineWriter writer, IEnumerable<ICommandHandler> handlers, TimeProvider clock, ILogger<CommandRunner> log)
{
    /// <summary>Attempts at one slice before the command is given up.</summary>
    public const int MaxAttempts = 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, ICommandHandler> byKind = handlers.ToDictionary(h => h.Kind, StringComparer.Ordinal);
    private readonly Dictionary<string, long> lastTurn = [];
    private long turn;

    /// <summary>When a command that failed may be tried again; null when there is none.</summary>
    public DateTime? NextAttempt { get; private set; }

    /// <summary>The command whose turn it is; null when none may run now.</summary>
    /// <param name="isAnyOpen">Whether there is any command that is not done.</param>
    /// <param name="read">Begins a session to look at them; it is asked only when there is one.</param>
    public async Task<StoredCommand?> Next(bool isAnyOpen, Func<Task<Session>> read)
    {
        if (!isAnyOpen)
        {
            NextAttempt = null;
            return null;
        }

        await using var session = await read();
        var now = Time.Now(clock);
        var open = await CommandStore.OldestOfEachKind(session, now, LongestWait);
        NextAttempt = open.Count > 0 ? null : await CommandStore.NextAttempt(session, now);
        return open.MinBy(c => lastTurn.GetValueOrDefault(c.Kind));
    }

    /// <summary>Runs one slice of a command.</summary>
    public async Task RunSlice(StoredCommand next, CancellationToken cancel)
    {
        lastTurn[next.Kind] = ++turn;
        try
        {
            await writer.Write(transaction => Run(transaction, next, cancel), cancel);
        }
        catch (Exception failure) when (failure is not (LeadershipLostException or OperationCanceledException))
        {
            log.LogWarning(failure, "Command {Id} ({Kind}) failed at attempt {Attempt}", next.Id, next.Kind, next.Attempts + 1);
            await writer.Write(transaction => NoteFailure(transaction, next, failure), cancel);
        }
    }

    /// <summary>How long to wait before a slice is tried again.</summary>
    /// <param name="attempts">How often it failed so far, at least once.</param>
    public static TimeSpan WaitAfter(int attempts) => attempts >= 10 ? LongestWait : TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, Math.Pow(2, attempts - 1)));

    private async Task<bool> Run(EngineTransaction transaction, StoredCommand stored, CancellationToken cancel)
    {
        if (!byKind.TryGetValue(stored.Kind, out var handler))
        {
            throw new NotSupportedException($"This program knows no command '{stored.Kind}'; a newer one may.");
        }

        using var arguments = JsonDocument.Parse(stored.Arguments);
        using var progress = JsonDocument.Parse(stored.Progress);
        var slice = await handler.RunSlice(transaction, new Command(stored.Id, stored.Kind, arguments.RootElement, progress.RootElement, stored.Created, stored.Attempts, stored.Error), cancel);
        await CommandStore.Progressed(transaction.Session, stored.Id, slice.Progress.ToJsonString(), slice.IsDone, transaction.Now + slice.Pause, transaction.Now);
        return slice.IsDone;
    }

    private static Task<int> NoteFailure(EngineTransaction transaction, StoredCommand stored, Exception failure)
    {
        var attempts = stored.Attempts + 1;
        return CommandStore.FailedSlice(
            transaction.Session, stored.Id, failure.Message, attempts >= MaxAttempts ? null : transaction.Now + WaitAfter(attempts), transaction.Now);
    }
}
