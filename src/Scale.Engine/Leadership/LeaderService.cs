using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Scale.Store.Databases;

namespace Scale.Engine.Leadership;

/// <summary>
/// Stands by until this process may lead, then turns the <see cref="Leader"/>: the only loop around it. After any failure everything in memory is
/// dropped and read again from the database under a new epoch. When the host stops, executions go on and are adopted at the next start.
/// </summary>
public sealed class LeaderService(Database database, ILeaderLock leaderLock, Leader leader, EngineSignal signal, TimeProvider clock, ILogger<LeaderService> log) : BackgroundService
{
    private static readonly TimeSpan ShortestCollectTime = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestCollectTime = TimeSpan.FromMilliseconds(50);

    private const int FewReports = 16;

    private static readonly TimeSpan StandByInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Whether this process leads now.</summary>
    public bool IsLeading { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        // The host must not wait for the first step.
        await Task.Yield();
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            var pause = StandByInterval;
            try
            {
                if (await leaderLock.TryAcquire(stopping))
                {
                    await Lead(() => failures = 0, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (LeadershipLostException lost)
            {
                log.LogWarning("{Reason}", lost.Message);
                await leaderLock.Release();
            }
            catch (Exception failure)
            {
                failures++;
                pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(failures, 10) - 1)));
                log.LogError(failure, "The leader failed; it starts again from the database in {Pause} s", pause.TotalSeconds);
            }

            IsLeading = false;
            await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await leaderLock.Release();
    }

    /// <summary>How long things that happen are collected to be written together: as long as writing a few took, so that a busy machine takes more at once and an idle one answers soon.</summary>
    public static TimeSpan CollectTimeAfter(TimeSpan step) =>
        step < ShortestCollectTime ? ShortestCollectTime : step > LongestCollectTime ? LongestCollectTime : step;

    /// <summary>
    /// How many reports are not worth waiting for more: half of what runs, so that the other half runs while they are written. Where a transaction is many ways to a server
    /// and back all are waited for as long as they are few. When all that runs has ended, nobody uses its room.
    /// </summary>
    public static int EnoughReports(int running, Provider provider) =>
        running == 0 ? int.MaxValue : Math.Max((running + 1) / 2, provider == Provider.Sqlite ? 0 : Math.Min(running, FewReports));

    private async Task Lead(Action onProgress, CancellationToken stopping)
    {
        var lease = await LeaderLease.Raise(database, clock, $"{Environment.MachineName}:{Environment.ProcessId}", stopping);
        await leader.Start(lease, stopping);
        log.LogInformation("Leading with epoch {Epoch}", lease.Epoch);
        IsLeading = true;
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            var start = clock.GetTimestamp();
            if (await leader.Step(stopping))
            {
                onProgress();
                if (leader.WasSmallStep)
                {
                    await leader.Collect(EnoughReports(leader.Running, database.Provider), CollectTimeAfter(clock.GetElapsedTime(start)), stopping);
                }

                continue;
            }

            var wait = leader.NextLook - Time.Now(clock);
            if (await signal.Wait(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), stopping))
            {
                leader.LookAgain();
            }
        }
    }
}
