using Microsoft.AspNetCore.Http;
using Scale.Store.Access;

namespace Scale.Api.Access;

/// <summary>Who makes a request. Handlers take it as an argument.</summary>
/// <param name="Account">Null for anonymous callers and where authentication is off.</param>
/// <param name="SeesSecrets">Staff with credentials; with authentication off nobody is (storage-and-ingest.md §0).</param>
public sealed record Caller(Account? Account, bool IsStaff, bool SeesSecrets)
{
    public static readonly Caller Anonymous = new(null, false, false);

    /// <summary>Everybody, where authentication is off.</summary>
    public static readonly Caller Unchecked = new(null, true, false);

    public static Caller Of(Account account) => new(account, account.IsStaff, account.IsStaff);

    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}

/// <summary>Marks endpoints that need no credentials.</summary>
public sealed record OpenToAll;
