using System.Globalization;

namespace Scale.Model.Files;

/// <summary>One rule of a scan or strike: which files to take and where to put them (storage-and-ingest.md §4).</summary>
/// <param name="NewFilePath">Normalised path below the workspace, or null.</param>
public sealed record FileRule(string FilenameRegex, IReadOnlyList<string> DataTypes, string? NewWorkspace, string? NewFilePath)
{
    private readonly PythonRegex regex = PythonRegex.Compile(FilenameRegex)
        ?? throw new ArgumentException($"'{FilenameRegex}' is no regular expression", nameof(FilenameRegex));

    /// <summary>Whether the expression matches the start of the path or of the bare file name.</summary>
    public bool Matches(string relativePath) => regex.MatchesStartOf(relativePath) || regex.MatchesStartOf(RelativePath.FileName(relativePath));

    /// <summary><c>&lt;new_file_path&gt;/YYYY/MM/DD/&lt;file_name&gt;</c>, or null when the rule moves nothing.</summary>
    /// <param name="matched">When the rule matched, UTC.</param>
    public string? NewPathOf(string relativePath, DateTime matched) => NewFilePath is null
        ? null
        : $"{NewFilePath}/{matched.ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture)}/{RelativePath.FileName(relativePath)}";

    public bool Equals(FileRule? other) => other is not null
        && FilenameRegex == other.FilenameRegex && NewWorkspace == other.NewWorkspace && NewFilePath == other.NewFilePath
        && DataTypes.SequenceEqual(other.DataTypes);

    public override int GetHashCode() => HashCode.Combine(FilenameRegex, NewWorkspace, NewFilePath, DataTypes.Count);
}

/// <summary>Rules in their order: the first that matches wins.</summary>
public static class FileRules
{
    /// <summary>The rule that takes the file, or null.</summary>
    public static FileRule? FirstMatch(this IReadOnlyList<FileRule> rules, string relativePath) => rules.FirstOrDefault(r => r.Matches(relativePath));
}
