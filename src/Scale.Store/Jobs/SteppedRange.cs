using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>A range of time, both ends inclusive: the whole steps in it, by which jobs are counted, and what is left at its edges.</summary>
internal readonly struct SteppedRange
{
    /// <param name="step">Microseconds.</param>
    /// <param name="shift">Microseconds before 1970 from which steps are numbered; earlier moments don't occur.</param>
    public SteppedRange(DateTime? started, DateTime? ended, long step, long shift)
    {
        var from = started is { } s ? Math.Max(Time.ToMicroseconds(s), -shift) : (long?)null;
        var to = ended is { } e ? Math.Max(Time.ToMicroseconds(e), -shift - 1) : (long?)null;
        First = from is null ? null : (from + shift + step - 1) / step;
        After = to is null ? null : (to + shift + 1) / step;
        HasWhole = First is null || After is null || First < After;
        var (firstMoment, afterMoment) = (First * step - shift, After * step - shift);
        StartEdge = from < firstMoment ? (from.Value, firstMoment.Value - 1) : null;
        EndEdge = to >= afterMoment ? (afterMoment.Value, to.Value) : null;
        Edges = HasWhole ? [.. new[] { StartEdge, EndEdge }.OfType<(long, long)>()] : from <= to ? [(from.Value, to.Value)] : [];
    }

    /// <summary>Null when there is no start.</summary>
    public long? First { get; }

    /// <summary>The step after the last; null when there is no end.</summary>
    public long? After { get; }

    public bool HasWhole { get; }

    /// <summary>Before the first whole step.</summary>
    public (long From, long To)? StartEdge { get; }

    /// <summary>After the last whole step.</summary>
    public (long From, long To)? EndEdge { get; }

    /// <summary>What is in no whole step: one piece where there is no whole step.</summary>
    public IReadOnlyList<(long From, long To)> Edges { get; }
}
