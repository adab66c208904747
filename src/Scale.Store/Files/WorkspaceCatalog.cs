using Scale.Store.Databases;

namespace Scale.Store.Files;

/// <param name="BaseUrl">Prefix of the URLs of its files, null when they have none.</param>
/// <param name="Configuration">Its stored configuration document.</param>
public sealed record WorkspaceEntry(long Id, string Name, bool IsActive, string? BaseUrl, string Configuration)
{
    /// <summary>Where a file of this workspace can be fetched: base URL and path with exactly one slash between, null without base URL (storage-and-ingest.md §2).</summary>
    public string? UrlOf(string filePath) => BaseUrl is null ? null : $"{BaseUrl.TrimEnd('/')}/{filePath.TrimStart('/')}";
}

/// <summary>All workspaces; there are few, so they are read whole. For one thread.</summary>
public sealed class WorkspaceCatalog
{
    private Dictionary<long, WorkspaceEntry> byId = [];
    private Dictionary<string, WorkspaceEntry> byName = [];

    public static Reply<List<WorkspaceEntry>> All(Session session) => session.Ask(
        "SELECT id, name, is_active, base_url, configuration FROM workspace",
        r => new WorkspaceEntry(r.GetInt64(0), r.GetString(1), r.GetBoolean(2), r.Text(3), r.GetString(4)));

    public void Refresh(List<WorkspaceEntry> all)
    {
        byId = all.ToDictionary(w => w.Id);
        byName = all.ToDictionary(w => w.Name, StringComparer.Ordinal);
    }

    public WorkspaceEntry? Find(long id) => byId.GetValueOrDefault(id);

    public WorkspaceEntry? Find(string name) => byName.GetValueOrDefault(name);
}
