using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Files;

namespace Scale.Api.V6.Files;

/// <summary>Filters of the input files of jobs and recipes (jobs-and-queue.md §5).</summary>
internal sealed record InputFileFilter(string TimeField, TimeRange Range, string? FileName)
{
    public static readonly Parameter[] Parameters =
    [
        .. Parameter.Range,
        new("time_field", Microsoft.OpenApi.JsonSchemaType.String, "What started and ended compare.", Choices: ["last_modified", "data", "source"]),
        Parameter.Text("file_name", "Exact name."),
    ];

    public static InputFileFilter Read(RequestParameters request) => new(
        request.OptionalChoice("time_field", "last_modified", "data", "source") ?? "last_modified", request.Range(), request.OptionalText("file_name"));

    public IQueryable<FileRow> Apply(IQueryable<FileRow> files)
    {
        files = TimeField switch
        {
            "data" => files.Within(Range, f => f.DataStarted, f => f.DataEnded),
            "source" => files.Within(Range, f => f.SourceStarted, f => f.SourceEnded),
            _ => files.Within(Range, f => f.LastModified),
        };
        return FileName is null ? files : files.Where(f => f.FileName == FileName);
    }
}
