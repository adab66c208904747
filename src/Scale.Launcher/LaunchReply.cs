namespace Scale.Launcher;

/// <summary>What became of a request.</summary>
internal enum LaunchOutcome : long
{
    /// <summary>Main ran and has ended; how is written in its folder. So it is, too, when its program can't be started, as a shell's exit code says it.</summary>
    Ended,

    /// <summary>Somebody else has claimed the folder: main was not started.</summary>
    Taken,

    /// <summary>The folder can't be claimed: main was not started.</summary>
    NotClaimed,

    /// <summary>The system has no more processes to give: main was not started.</summary>
    NotStarted,
}

/// <summary>A launcher's answer, sent as these bytes when nothing of main is left that the launcher could find.</summary>
/// <param name="Error">Number of the system's error, 0 for none.</param>
/// <param name="IsClear">Not 0 when every orphan that the launcher has is known to have nothing to do with the execution.</param>
internal readonly record struct LaunchReply(long Ticket, LaunchOutcome Outcome, long Error, long IsClear, MainEnd End, MainUsage Usage);

/// <summary>How main ended, as it is written in its folder, too.</summary>
/// <param name="StartTicks">When it was started, in ticks of UTC.</param>
/// <param name="EndTicks">When its end was seen.</param>
internal readonly record struct MainEnd(long ExitCode, long StartTicks, long EndTicks);

/// <summary>What main and all children that it waited for used, as the kernel counted it.</summary>
/// <param name="PeakKiB">Of the largest process; -1 when it is not known.</param>
/// <param name="BlocksRead">Of 512 bytes.</param>
/// <param name="BlocksWritten">Of 512 bytes.</param>
internal readonly record struct MainUsage(long CpuMicroseconds, long PeakKiB, long BlocksRead, long BlocksWritten)
{
    public MainUsage And(MainUsage other) => new(
        CpuMicroseconds + other.CpuMicroseconds, Math.Max(PeakKiB, other.PeakKiB), BlocksRead + other.BlocksRead, BlocksWritten + other.BlocksWritten);
}
