using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Store.Databases;

namespace Scale.Api.V6.Files;

internal static class FileChecks
{
    /// <summary>A 400 that names the files of some data that do not exist.</summary>
    public static async Task RequireExisting(ScaleContext context, IReadOnlyCollection<long> ids, CancellationToken cancel)
    {
        if (ids.Count == 0)
        {
            return;
        }

        var asked = ids.ToList();
        var found = await context.Files.Where(f => asked.Contains(f.Id)).Select(f => f.Id).ToListAsync(cancel);
        var missing = asked.Except(found).Order().ToList();
        if (missing.Count > 0)
        {
            throw ApiProblem.BadRequest($"Unknown file ids: {string.Join(", ", missing.Take(20))}{(missing.Count > 20 ? $" and {missing.Count - 20} more" : "")}.");
        }
    }
}
