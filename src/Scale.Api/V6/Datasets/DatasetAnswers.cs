using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.Files;
using Scale.Api.V6.References;
using Scale.Store.Databases;
using Scale.Store.Datasets;

namespace Scale.Api.V6.Datasets;

/// <summary>A dataset as lists show it (batches-and-datasets.md §7.1); <paramref name="Files"/> is the number of distinct files.</summary>
public sealed record DatasetAnswer(long Id, string? Title, string? Description, DateTime Created, JsonElement? Definition, long Files)
{
    public static DatasetAnswer Of(DatasetRow row) => new(row.Id, row.Title, row.Description, row.Created, AnswerJson.Document(row.Definition), row.FileCount);
}

public sealed record MemberSummary(long Id, DateTime Created, JsonElement? FileIds);

public sealed record FileSummary(long Id, string FileName, JsonElement? Countries);

public sealed record DatasetFile<T>(long Id, string ParameterName, T? ScaleFile);

/// <summary>One dataset (§7.3); here files is an array.</summary>
public sealed record DatasetDetails(
    long Id, string? Title, string? Description, DateTime Created, JsonElement? Definition, IReadOnlyList<MemberSummary> Members, IReadOnlyList<DatasetFile<FileSummary>> Files)
{
    /// <returns>Null for an unknown dataset.</returns>
    public static async Task<DatasetDetails?> Read(ScaleContext context, long id, CancellationToken cancel)
    {
        if (await context.Datasets.FirstOrDefaultAsync(d => d.Id == id, cancel) is not { } row)
        {
            return null;
        }

        var members = await context.DatasetMembers.Where(m => m.DatasetId == id).OrderBy(m => m.Id)
            .Select(m => new MemberSummary(m.Id, m.Created, AnswerJson.Document(m.FileIds))).ToListAsync(cancel);
        var files = await context.DatasetFiles.Where(f => f.DatasetId == id).OrderBy(f => f.Id)
            .Select(f => new DatasetFile<FileSummary>(f.Id, f.ParameterName, new FileSummary(f.FileId, f.File.FileName, AnswerJson.Document(f.File.Countries)))).ToListAsync(cancel);
        return new DatasetDetails(row.Id, row.Title, row.Description, row.Created, AnswerJson.Document(row.Definition), members, files);
    }
}

public sealed record MemberAnswer(long Id, DateTime Created, JsonElement? Data, JsonElement? FileIds)
{
    public static MemberAnswer Of(DatasetMemberRow row) => new(row.Id, row.Created, AnswerJson.Document(row.Data), AnswerJson.Document(row.FileIds));
}

/// <summary>One member with its files (§7.4).</summary>
public sealed record MemberDetails(long Id, DateTime Created, JsonElement? Data, JsonElement? FileIds, IdReference Dataset, IReadOnlyList<DatasetFile<FileAnswer>> Files)
{
    /// <returns>Null for an unknown member.</returns>
    public static async Task<MemberDetails?> Read(ScaleContext context, long id, CancellationToken cancel)
    {
        if (await context.DatasetMembers.FirstOrDefaultAsync(m => m.Id == id, cancel) is not { } row)
        {
            return null;
        }

        var ids = JsonSerializer.Deserialize<List<long>>(row.FileIds)!;
        var links = await context.DatasetFiles.Where(f => f.DatasetId == row.DatasetId && ids.Contains(f.FileId)).OrderBy(f => f.Id).ToListAsync(cancel);
        var files = (await FileAnswers.Read(context, ids, cancel)).ToDictionary(f => f.Id);
        return new MemberDetails(
            row.Id, row.Created, AnswerJson.Document(row.Data), AnswerJson.Document(row.FileIds), new IdReference(row.DatasetId),
            [.. links.Select(l => new DatasetFile<FileAnswer>(l.Id, l.ParameterName, files.GetValueOrDefault(l.FileId)))]);
    }
}
