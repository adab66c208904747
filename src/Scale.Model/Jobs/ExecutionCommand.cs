namespace Scale.Model.Jobs;

/// <summary>What an execution's main step is started with; no shell takes part.</summary>
/// <param name="Arguments">Arguments for the image's entry point; its first word is the program where there is no entry point.</param>
/// <param name="Environment">The variables of job-types-and-seed.md §8.2 and nothing of the server's own.</param>
public sealed record ExecutionCommand(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

/// <summary>A file to be found in the input directory of an execution.</summary>
public sealed record LocalFile(long Id, string FileName);

/// <summary>Where an execution finds its things, as absolute paths that main sees.</summary>
public sealed record ExecutionPaths(string InputDirectory, string OutputDirectory, string MetadataFile);

/// <summary>What the execution is for; null without recipe or batch.</summary>
public sealed record ExecutionIds(long JobId, int ExeNum, long? RecipeId = null, long? BatchId = null);
