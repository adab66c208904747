namespace Scale.Api;

/// <summary>How the API is offered.</summary>
public sealed record ApiOptions
{
    /// <summary>Paths the API is served below, without trailing slash; the empty one is the root.</summary>
    public IReadOnlyList<string> BasePaths { get; init; } = ["", "/api"];

    /// <summary>Off: nobody is asked who they are, and everybody is staff.</summary>
    public bool AuthenticationEnabled { get; init; } = true;

    /// <summary>Whether callers without credentials may read and validate.</summary>
    public bool PublicRead { get; init; }

    /// <summary>Password of the account <c>admin</c>, set at every start when given. Without one that account has its token only.</summary>
    public string? AdminPassword { get; init; }

    /// <summary>File that gets the token of the account <c>admin</c>, readable by its owner alone; null writes none.</summary>
    public string? AdminTokenPath { get; init; }

    /// <summary>So many jobs are sorted for a page of them; of more, pages are found by indexes, which may pass many others where the jobs lie unevenly.</summary>
    public int SortedJobs { get; init; } = 12_000;

    /// <summary>Largest request body, in bytes; a longer one gets 413.</summary>
    public long MaxBodyBytes { get; init; } = 16 << 20;
}
