using System.Text.Json;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Model.Errors;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>Reads which jobs a request to cancel or requeue means (jobs-and-queue.md §7), from the query or the body.</summary>
internal static class JobSelectionRequest
{
    private const string JobTypes = "job_types";

    public static readonly Parameter[] Fields =
    [
        .. Parameter.Range,
        Parameter.Text("status", "One status, or an array of them."),
        Parameter.Array("job_ids", "Jobs; QUEUED and RUNNING ones are only requeued when they or their status are named."), Parameter.Array("job_type_ids", "Job types."),
        Parameter.Array(JobTypes, "Objects with name and version, added to job_type_ids."), Parameter.Array("job_type_names", "Any version of these job types."),
        Parameter.Array("batch_ids", "Batches."), Parameter.Array("recipe_ids", "Recipes that created the jobs."), Parameter.Array("error_ids", "Current errors."),
        Parameter.Array("error_categories", "SYSTEM, ALGORITHM or DATA."), Parameter.Boolean("is_superseded", "Absent for both."),
    ];

    /// <summary>Everything is checked here, and <c>job_types</c> found, before anything happens.</summary>
    public static async Task<JobSelection> Read(Session session, RequestParameters request)
    {
        var named = Fields.Select(f => f.Name).Where(request.Has).ToList();
        var filled = named.Where(n => !IsEmpty(request, n)).ToHashSet();
        var range = new TimeRange(Moment("started"), Moment("ended"));
        var statuses = Texts("status");
        var categories = Texts("error_categories");
        var typeIds = Longs("job_type_ids");
        var selection = new JobSelection
        {
            Started = range.Started,
            Ended = range.Ended,
            Statuses = StatusNames.JobStatuses(statuses),
            JobIds = [.. Longs("job_ids").Distinct().OrderDescending()],
            JobTypeIds = [.. typeIds.Concat(filled.Contains(JobTypes) ? await ResolveTypes(session, request) : []).Distinct()],
            BatchIds = Longs("batch_ids"),
            RecipeIds = Longs("recipe_ids"),
            ErrorIds = Longs("error_ids"),
            JobTypeNames = Texts("job_type_names"),
            ErrorCategories = [.. categories.Select(ErrorCategories.FromName).OfType<ErrorCategory>().Distinct()],
            IsSuperseded = filled.Contains("is_superseded") ? request.OptionalBool("is_superseded") : null,
        };

        // An empty list is no filter, but a request all of whose lists are empty must not mean every job. Nor may a status that nothing has.
        var isNothing = (named.Count > 0 && filled.Count == 0)
            || (statuses.Count > 0 && selection.Statuses.Count == 0)
            || (categories.Count > 0 && selection.ErrorCategories.Count == 0);
        return selection with { IsNothing = isNothing };

        DateTime? Moment(string name) => filled.Contains(name) && filled.Contains("started") && filled.Contains("ended")
            ? name == "started" ? request.Range().Started : request.Range().Ended
            : filled.Contains(name) ? request.OptionalTime(name) : null;
        IReadOnlyList<string> Texts(string name) => filled.Contains(name) ? [.. request.Texts(name).Distinct()] : [];
        IReadOnlyList<long> Longs(string name) => filled.Contains(name) ? [.. request.Longs(name).Distinct()] : [];
    }

    private static bool IsEmpty(RequestParameters request, string name) =>
        request.QueryText(name) is null && request.Body.GetProperty(name) is { } value
        && ((value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0) || (value.ValueKind == JsonValueKind.String && value.ValueEquals("")));

    private static async Task<IReadOnlyList<long>> ResolveTypes(Session session, RequestParameters request)
    {
        var value = request.QueryText(JobTypes) is null ? request.Body.GetProperty(JobTypes) : throw Malformed();
        var asked = (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToList() : [value])
            .ConvertAll(t => (Name: Text(t, "name"), Version: Text(t, "version"))).Distinct().ToList();
        var rows = new Rows("v", ("name", asked.ConvertAll(a => a.Name).ToArray()), ("version", asked.ConvertAll(a => a.Version).ToArray()));
        var found = await session.Query(
            "SELECT t.id, t.name, t.version FROM {v} JOIN job_type t ON t.name = v.name AND t.version = v.version",
            rows, r => (Id: r.GetInt64(0), Type: (Name: r.GetString(1), Version: r.GetString(2))));
        var unknown = asked.Except(found.Select(f => f.Type)).ToList();
        return unknown.Count == 0
            ? found.ConvertAll(f => f.Id)
            : throw ApiProblem.BadRequest($"Parameter '{JobTypes}' names job types that do not exist: {string.Join(", ", unknown.Select(t => $"{t.Name} {t.Version}"))}.");
    }

    private static string Text(JsonElement type, string name) =>
        type.ValueKind == JsonValueKind.Object && type.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed();

    private static ApiProblem Malformed() => RequestParameters.Bad(JobTypes, "must be an array of objects with a name and a version");
}
