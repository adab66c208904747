using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <summary>A request to cancel or requeue jobs, as the command that carries it out stores it (jobs-and-queue.md §13.11).</summary>
/// <param name="UpperId">Jobs with higher ids came later and are not meant.</param>
/// <param name="Priority">For requeues: the priority of the new tries; null leaves it to batch and configuration.</param>
/// <param name="User">Who asked; null where nobody is known.</param>
public sealed record JobOperation(JobAction Action, JobSelection Selection, long UpperId, int? Priority, string? User)
{
    /// <summary>Both actions are one kind of command, so that requests are carried out in the order they came in.</summary>
    public const string Kind = "move_jobs";

    private const string CancelName = "cancel";
    private const string RequeueName = "requeue";

    /// <summary>Name of what it does, as clients see it.</summary>
    public string ActionName => Action == JobAction.Cancel ? CancelName : RequeueName;

    /// <summary>Appends the command; wake the leader after the commit.</summary>
    /// <returns>Its id, by which its progress is found.</returns>
    public Task<long> Append(Session session, DateTime now) => CommandLog.Append(session, Kind, ToJson(), now);

    public static JobOperation Read(JsonElement json) => new(
        json.GetProperty("action").ValueEquals(CancelName) ? JobAction.Cancel : JobAction.Requeue,
        ReadSelection(json.GetProperty("selection")),
        json.GetProperty("upper_id").GetInt64(),
        json.TryGetProperty("priority", out var priority) ? priority.GetInt32() : null,
        json.TryGetProperty("user", out var user) ? user.GetString() : null);

    private JsonObject ToJson()
    {
        var json = new JsonObject { ["action"] = ActionName, ["selection"] = SelectionToJson(Selection), ["upper_id"] = UpperId };
        if (Priority is { } priority)
        {
            json["priority"] = priority;
        }

        if (User is { } user)
        {
            json["user"] = user;
        }

        return json;
    }

    /// <summary>Only the filters that were given, by the names that requests have for them.</summary>
    public static JsonObject SelectionToJson(JobSelection selection)
    {
        var json = new JsonObject();
        if (selection.IsNothing)
        {
            json["is_nothing"] = true;
        }

        AddMoment(json, "started", selection.Started);
        AddMoment(json, "ended", selection.Ended);
        Add(json, "status", selection.Statuses.Select(s => JsonValue.Create((short)s)));
        Add(json, "job_ids", selection.JobIds.Select(id => JsonValue.Create(id)));
        Add(json, "job_type_ids", selection.JobTypeIds.Select(id => JsonValue.Create(id)));
        Add(json, "batch_ids", selection.BatchIds.Select(id => JsonValue.Create(id)));
        Add(json, "recipe_ids", selection.RecipeIds.Select(id => JsonValue.Create(id)));
        Add(json, "error_ids", selection.ErrorIds.Select(id => JsonValue.Create(id)));
        Add(json, "job_type_names", selection.JobTypeNames.Select(n => JsonValue.Create(n)));
        Add(json, "error_categories", selection.ErrorCategories.Select(c => JsonValue.Create((short)c)));
        if (selection.IsSuperseded is { } superseded)
        {
            json["is_superseded"] = superseded;
        }

        return json;
    }

    private static JobSelection ReadSelection(JsonElement json) => new()
    {
        IsNothing = json.TryGetProperty("is_nothing", out _),
        Started = Moment(json, "started"),
        Ended = Moment(json, "ended"),
        Statuses = List(json, "status", s => (JobStatus)s.GetInt16()),
        JobIds = List(json, "job_ids", id => id.GetInt64()),
        JobTypeIds = List(json, "job_type_ids", id => id.GetInt64()),
        BatchIds = List(json, "batch_ids", id => id.GetInt64()),
        RecipeIds = List(json, "recipe_ids", id => id.GetInt64()),
        ErrorIds = List(json, "error_ids", id => id.GetInt64()),
        JobTypeNames = List(json, "job_type_names", n => n.GetString()!),
        ErrorCategories = List(json, "error_categories", c => (ErrorCategory)c.GetInt16()),
        IsSuperseded = json.TryGetProperty("is_superseded", out var superseded) ? superseded.GetBoolean() : null,
    };

    private static void Add(JsonObject json, string name, IEnumerable<JsonNode?> values)
    {
        var array = new JsonArray([.. values]);
        if (array.Count > 0)
        {
            json[name] = array;
        }
    }

    private static void AddMoment(JsonObject json, string name, DateTime? moment)
    {
        if (moment is { } known)
        {
            json[name] = Time.ToMicroseconds(known);
        }
    }

    private static DateTime? Moment(JsonElement json, string name) => json.TryGetProperty(name, out var moment) ? Time.FromMicroseconds(moment.GetInt64()) : null;

    private static IReadOnlyList<T> List<T>(JsonElement json, string name, Func<JsonElement, T> read) =>
        json.TryGetProperty(name, out var array) ? [.. array.EnumerateArray().Select(read)] : [];
}

/// <summary>How far an operation has come.</summary>
/// <param name="Below">Ids from here on are done; null before the first slice.</param>
/// <param name="Done">Jobs that moved.</param>
/// <param name="Skipped">Jobs that were meant but could not be moved.</param>
/// <param name="Window">How many rows the next slice looks at.</param>
public sealed record JobOperationProgress(long? Below, long Done, long Skipped, int Window)
{
    public static JobOperationProgress Read(JsonElement json, int firstWindow) => json.TryGetProperty("below", out var below)
        ? new JobOperationProgress(below.GetInt64(), json.GetProperty("done").GetInt64(), json.GetProperty("skipped").GetInt64(), json.GetProperty("window").GetInt32())
        : new JobOperationProgress(null, 0, 0, firstWindow);

    /// <summary>After some of the jobs that were found moved.</summary>
    public JobOperationProgress Plus(int found, int moved, int skipped = 0) => this with { Done = Done + moved, Skipped = Skipped + skipped + found - moved };

    public JsonObject ToJson() => new() { ["below"] = Below, ["done"] = Done, ["skipped"] = Skipped, ["window"] = Window };
}
