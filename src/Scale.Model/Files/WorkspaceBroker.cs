namespace Scale.Model.Files;

/// <summary>Where the files of a workspace are (storage-and-ingest.md §1.1, §1.3).</summary>
public abstract record WorkspaceBroker
{
    /// <summary><c>host</c>, <c>nfs</c> or <c>s3</c>.</summary>
    public abstract string Type { get; }

    /// <param name="HostPath">Absolute directory, the same on every node; never a directory of the system.</param>
    public sealed record Host(string HostPath) : WorkspaceBroker
    {
        public override string Type => "host";
    }

    /// <param name="NfsPath"><c>host:/path</c>.</param>
    public sealed record Nfs(string NfsPath) : WorkspaceBroker
    {
        public override string Type => "nfs";
    }

    /// <param name="Credentials">Null for the ambient role of the server.</param>
    /// <param name="HostPath">Where the bucket is mounted on all nodes, or null.</param>
    /// <param name="KeyPrefix">All paths are below it; empty for the whole bucket, otherwise ends with <c>/</c>.</param>
    public sealed record S3(
        string BucketName, S3Credentials? Credentials, string? RegionName, string? HostPath, string? EndpointUrl, bool PathStyle, string KeyPrefix) : WorkspaceBroker
    {
        public override string Type => "s3";
    }
}

public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey)
{
    // Records print their members; a key must not get into a log that way.
    public override string ToString() => "S3Credentials";
}
