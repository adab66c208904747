using System.Data.Common;

namespace Scale.Engine.Tests.Simulation;

/// <summary>The process ends here: nothing above may handle it, and nothing after it reaches the database.</summary>
internal sealed class SimulatedCrash() : OperationCanceledException("The leader crashed.");

/// <summary>The database refuses one statement; the process lives on.</summary>
internal sealed class SimulatedDatabaseFailure() : DbException("The database failed.");

/// <summary>Strikes before a statement that was chosen beforehand.</summary>
internal sealed class Faults
{
    private int untilCrash = -1;
    private int untilFailure = -1;

    public bool IsCrashed { get; private set; }

    public void CrashAfter(int statements) => untilCrash = statements;

    public void FailAfter(int statements) => untilFailure = statements;

    /// <summary>A new process, or the test itself, uses the database again.</summary>
    public void Clear() => (untilCrash, untilFailure, IsCrashed) = (-1, -1, false);

    public void BeforeStatement()
    {
        if (IsCrashed || untilCrash == 0)
        {
            IsCrashed = true;
            throw new SimulatedCrash();
        }

        untilCrash = untilCrash > 0 ? untilCrash - 1 : untilCrash;
        if (untilFailure == 0)
        {
            untilFailure = -1;
            throw new SimulatedDatabaseFailure();
        }

        untilFailure = untilFailure > 0 ? untilFailure - 1 : untilFailure;
    }
}
