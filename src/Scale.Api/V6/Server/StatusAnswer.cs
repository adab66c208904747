using System.Text.Json.Serialization;

namespace Scale.Api.V6.Server;

/// <summary>State, error or warning as the status document names it.</summary>
public sealed record StateAnswer(string Name, string Title, string Description);

/// <summary>Something that holds the scheduler up, and since when.</summary>
public sealed record WarningAnswer(string Name, string Title, string Description, DateTime Started, DateTime LastUpdated);

/// <summary>One resource summed up (scheduler-and-system.md §5): used by our executions, usable now, and all there is.</summary>
public sealed record ResourceAnswer(double Running, double Offered, double Free, double Unavailable, double Total)
{
    public static ResourceAnswer operator +(ResourceAnswer left, ResourceAnswer right) => new(
        left.Running + right.Running, left.Offered + right.Offered, left.Free + right.Free, left.Unavailable + right.Unavailable, left.Total + right.Total);

    /// <summary>Rounded as numbers of resources are shown.</summary>
    public ResourceAnswer Rounded() => new(Round(Running), Round(Offered), Round(Free), Round(Unavailable), Round(Total));

    private static double Round(double amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);
}

public sealed record JobTypeCount(long JobTypeId, long Count);

public sealed record ExecutionCounts(long Total, IReadOnlyList<JobTypeCount> ByJobType)
{
    public static readonly ExecutionCounts None = new(0, []);
}

public sealed record FailedCounts(long Total, ExecutionCounts Algorithm, ExecutionCounts Data, ExecutionCounts System)
{
    public static readonly FailedCounts None = new(0, ExecutionCounts.None, ExecutionCounts.None, ExecutionCounts.None);
}

public sealed record NodeExecutions(ExecutionCounts Running, ExecutionCounts Completed, FailedCounts Failed);

public sealed record NodeStatus(
    long Id, string Hostname, string AgentId, bool IsActive, StateAnswer State, IReadOnlyList<object> Errors, IReadOnlyList<object> Warnings,
    IReadOnlyList<object> NodeTasks, IReadOnlyList<object> SystemTasks, int NumOffers, IReadOnlyDictionary<string, ResourceAnswer> Resources, NodeExecutions JobExecutions);

public sealed record StatusJobType(long Id, string Name, string Version, string Title, string Description, bool IsSystem, string? IconCode);

public sealed record ServiceStatus(string Name, string Title, string Description, int ActualCount, int DesiredCount);

/// <summary>Something the system rests on; <c>errors</c> and <c>warnings</c> are one-key objects of code and text.</summary>
public sealed record DependencyStatus(
    [property: JsonPropertyName("OK")] bool Ok,
    IReadOnlyDictionary<string, object?> Detail, IReadOnlyList<IReadOnlyDictionary<string, string>> Errors, IReadOnlyList<IReadOnlyDictionary<string, string>> Warnings)
{
    public static DependencyStatus Fine(string message, params (string Name, object? Value)[] more) =>
        new(true, more.Prepend(("msg", message)).ToDictionary(d => d.Item1, d => d.Item2), [], []);
}
