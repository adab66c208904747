using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Requests;
using Scale.Api.V6.Files;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Model.Documents;
using Scale.Store.Databases;

namespace Scale.Api.V6.Datasets;

/// <summary>The members a request brings: data as it is, or a template and the files to fill it with (batches-and-datasets.md §7.5).</summary>
internal static class MemberRequest
{
    private const int ProblemsShown = 50;

    /// <summary>Whether the request says anything about members.</summary>
    public static bool IsPresent(RequestParameters request) => Member(request, "data") is not null || Member(request, "data_template") is not null;

    /// <summary>All members, each fitting <paramref name="parameters"/>; one that does not makes a 400 that tells of all of them.</summary>
    public static async Task<IReadOnlyList<DataValues>> Read(ScaleContext context, RequestParameters request, DataInterface parameters, CancellationToken cancel)
    {
        var given = Member(request, "data") is { } data ? ReadData(data)
            : Member(request, "data_template") is { } template ? await FillTemplate(context, request, template, cancel)
            : [];

        var problems = new List<Problem>();
        var members = new List<DataValues>(given.Count);
        for (var i = 0; i < given.Count; i++)
        {
            var (values, errors) = given[i].Validate(parameters);
            problems.AddRange(errors.Select(e => new Problem(e.Name, $"/data/{i}{e.Path}", e.Description)));
            members.Add(values);
        }

        Refuse(problems);
        await FileChecks.RequireExisting(context, [.. members.SelectMany(m => m.FileIds).Distinct()], cancel);
        return members;
    }

    private static JsonElement? Member(RequestParameters request, string name) =>
        request.Body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static List<DataValues> ReadData(JsonElement data)
    {
        var items = data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().ToList() : [data];
        var problems = new List<Problem>();
        var values = new List<DataValues>(items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            var parsed = DataValues.Parse(items[i]);
            problems.AddRange(parsed.Errors.Select(e => new Problem(e.Name, $"/data/{i}{e.Path}", e.Description)));
            values.Add(parsed.Document ?? DataValues.Empty);
        }

        Refuse(problems);
        return values;
    }

    private static async Task<List<DataValues>> FillTemplate(ScaleContext context, RequestParameters request, JsonElement json, CancellationToken cancel)
    {
        var parsed = DataTemplate.Parse(json);
        if (parsed.Document is not { } template)
        {
            throw ApiProblem.BadDocument("Data template is invalid", parsed.Errors);
        }

        var files = FileOrdering.Fields.Apply(FileFilter.Apply(context.Files.Where(f => !f.IsDeleted), request), request);
        var ids = await files.Select(f => f.Id).ToListAsync(cancel);
        return ids.ConvertAll(template.Fill);
    }

    private static void Refuse(List<Problem> problems)
    {
        if (problems.Count > 0)
        {
            var more = problems.Count > ProblemsShown ? $"; and {problems.Count - ProblemsShown} more" : "";
            throw ApiProblem.BadRequest($"Data is invalid: {ApiProblem.Join(problems.Take(ProblemsShown))}{more}");
        }
    }
}
