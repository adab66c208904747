using System.Data.Common;
using System.Text.Json.Nodes;
using Scale.Model.Files;
using Scale.Store.Databases;

namespace Scale.Api.V6.Workspaces;

/// <summary>A workspace in lists (storage-and-ingest.md §1).</summary>
public record WorkspaceAnswer(
    long Id, string Name, string Title, string? Description, string? BaseUrl, bool IsActive, DateTime Created, DateTime? Deprecated, DateTime LastModified)
{
    internal const string Columns = "id, name, title, description, base_url, is_active, created, deprecated, last_modified";

    internal static WorkspaceAnswer Read(DbDataReader r) =>
        new(r.GetInt64(0), r.GetString(1), r.GetString(2), r.Text(3), r.Text(4), r.GetBoolean(5), r.Moment(6), r.MomentOrNull(7), r.Moment(8));
}

/// <param name="Configuration">Masked unless the caller may see secrets.</param>
public sealed record WorkspaceDetails(
    long Id, string Name, string Title, string? Description, string? BaseUrl, bool IsActive, DateTime Created, DateTime? Deprecated, DateTime LastModified, JsonObject Configuration)
    : WorkspaceAnswer(Id, Name, Title, Description, BaseUrl, IsActive, Created, Deprecated, LastModified)
{
    public static Task<WorkspaceDetails?> Find(Session session, long id, bool masked) => session.QueryFirst(
        $"SELECT {Columns}, configuration FROM workspace WHERE id = @id",
        r => new WorkspaceDetails(
            r.GetInt64(0), r.GetString(1), r.GetString(2), r.Text(3), r.Text(4), r.GetBoolean(5), r.Moment(6), r.MomentOrNull(7), r.Moment(8), Show(r.GetString(9), masked)),
        ("id", id));

    private static JsonObject Show(string configuration, bool masked)
    {
        var json = WorkspaceConfiguration.FromText(configuration).ToJson(masked);
        if (json["broker"] is JsonObject broker && !broker.ContainsKey("credentials"))
        {
            // The editor of the web page reads members of it, whatever the broker.
            broker["credentials"] = new JsonObject();
        }

        return json;
    }
}
