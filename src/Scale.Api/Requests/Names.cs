using System.Security.Cryptography;
using Scale.Model.Files;
using Scale.Store.Databases;

namespace Scale.Api.Requests;

/// <summary>Names made from titles (storage-and-ingest.md §0): a taken or empty one gets random digits.</summary>
internal static class Names
{
    /// <param name="table">Table of the program whose <c>name</c> must be unique.</param>
    public static async Task<string> FromTitle(Session session, string table, string title)
    {
        var slug = NameFromTitle.Slug(title);
        var isFree = slug.Length > 0 && await session.QueryFirst($"SELECT id FROM {table} WHERE name = @name", r => (long?)r.GetInt64(0), ("name", slug)) is null;
        return isFree ? slug : NameFromTitle.WithSuffix(slug, RandomNumberGenerator.GetHexString(NameFromTitle.SuffixLength, lowercase: true));
    }
}
