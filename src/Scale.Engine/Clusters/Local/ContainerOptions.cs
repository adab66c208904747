namespace Scale.Engine.Clusters.Local;

/// <summary>When the image of an execution is fetched.</summary>
public enum ImagePull
{
    /// <summary>Only when this machine does not have it.</summary>
    Absent,

    /// <summary>Before every execution, so that a moved tag is noticed (jobs-and-queue.md §13.10). Images pinned by digest and those of <c>localhost/</c> never move.</summary>
    Always,
}

/// <summary>How containers are run on this machine.</summary>
public sealed record ContainerOptions
{
    /// <summary>A name to be found on the path (<c>podman</c>, <c>docker</c>) or the path of a program; null takes podman, else docker.</summary>
    public string? Engine { get; init; }

    /// <summary>Given to the engine before its command, as <c>--runtime runc --storage-driver vfs</c>.</summary>
    public IReadOnlyList<string> EngineArguments { get; init; } = [];

    /// <summary>Given to the engine's <c>run</c> after all of ours, so that they win, as <c>--ulimit nofile=1024:1024</c>.</summary>
    public IReadOnlyList<string> RunArguments { get; init; } = [];

    /// <summary>The network that containers are put into, <c>none</c> for none.</summary>
    public string Network { get; init; } = "none";

    /// <summary>User of main as <c>UID:GID</c>; null is the server's own, or nobody when the server is root.</summary>
    public string? User { get; init; }

    public ImagePull Pull { get; init; } = ImagePull.Absent;

    /// <summary>Whether a container is removed before its execution is reported: when no later server of this data folder would find what is left.</summary>
    public bool RemovesAtOnce { get; init; }
}
