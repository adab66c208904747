using Scale.Engine.Clusters.Local;

namespace Scale.Engine;

public enum ClusterKind { Local, Simulated }

/// <summary>
/// How an execution is run on this machine; <c>Auto</c> decides by the image: an unpacked one in the sandbox where bubblewrap works and else as a process,
/// any other in a container.
/// </summary>
public enum RuntimeKind { Auto, Process, Sandbox, Container }

public sealed record EngineOptions
{
    /// <summary>Absolute path; holds the database, execution folders, logs and images.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Npgsql connection string, or null for SQLite in <see cref="DataFolder"/>.</summary>
    public string? PostgresConnection { get; init; }

    public ClusterKind Cluster { get; init; } = ClusterKind.Local;
    public RuntimeKind Runtime { get; init; } = RuntimeKind.Auto;
    public ContainerOptions Containers { get; init; } = new();

    /// <summary>Nodes of the simulated cluster, each 16 cpus, 65,536 MiB memory, 1 TiB disk.</summary>
    public int SimulatedNodes { get; init; } = 4;

    /// <summary>Folders below which <c>dir:PATH</c> images are looked up, in order; absolute paths.</summary>
    public IReadOnlyList<string> ImageRoots { get; init; } = [];

    /// <summary>How long checking and staging the inputs, and capturing the outputs of an execution may take each (jobs-and-queue.md §13.10).</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an execution that a node was given ahead of its room waits for it: then something takes longer than was thought, and its job goes back into the queue.</summary>
    public TimeSpan TurnLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of each of an execution's two log streams that are kept; main may write more, which is dropped.</summary>
    public long LogLimit { get; init; } = 1 << 30;

    /// <summary>Most processes that one execution on this machine may have at once.</summary>
    public int ProcessLimit { get; init; } = 1024;

    public string DatabasePath => Path.Combine(DataFolder, "scale.db");
    public string ExecutionsFolder => Path.Combine(DataFolder, "executions");
    public string LogsFolder => Path.Combine(DataFolder, "logs");
    public string LeaderLockPath => Path.Combine(DataFolder, "leader.lock");
    public string SecretKeyPath => Path.Combine(DataFolder, "secrets.key");
    public string AdminTokenPath => Path.Combine(DataFolder, "admin-token");
}
