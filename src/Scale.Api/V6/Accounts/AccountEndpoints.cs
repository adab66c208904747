using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Access;
using Scale.Store.Databases;

namespace Scale.Api.V6.Accounts;

/// <summary>Who one is, and tokens for passwords (scheduler-and-system.md §2).</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder v6) =>
        v6.MapGroup("/accounts").WithTags("Accounts").MapGet("/profile/", Profile).WithName("GetProfile").WithSummary("The account that the credentials belong to.");

    /// <summary>The one service without a version in its path.</summary>
    public static void MapTokens(this IEndpointRouteBuilder root)
    {
        root.MapPost("/api-token-auth/", Token).WithTags("Accounts").WithMetadata(new OpenToAll()).WithName("CreateToken").WithSummary("The token of an account, the same each time.")
            .Fields(Parameter.Text("username", "Login name.", required: true), Parameter.Text("password", "Its password.", required: true));

        // Where the framework finds no method it knows nothing of the path's being open, and credentials would be asked for first.
        root.MapMethods("/api-token-auth/", ["GET", "PUT", "PATCH", "DELETE"], MethodNotAllowed).WithMetadata(new OpenToAll()).ExcludeFromDescription();
    }

    private static IResult MethodNotAllowed(HttpResponse response)
    {
        response.Headers.Allow = "POST";
        return Results.StatusCode(StatusCodes.Status405MethodNotAllowed);
    }

    private static IResult Profile(Caller caller) => caller switch
    {
        { Account: { } account } => Answer.Ok(AccountAnswer.Of(account)),

        // Without authentication everybody is staff, and the web page does not ask.
        { IsStaff: true } => Answer.Ok(new AccountAnswer(0, "anonymous", "", "", "", true)),
        _ => Results.StatusCode(StatusCodes.Status401Unauthorized),
    };

    private static async Task<IResult> Token(RequestParameters request, Database database, CancellationToken cancel)
    {
        string[] required = ["username", "password"];
        var missing = required.Where(name => request.OptionalText(name) is null or "").ToDictionary(name => name, _ => new[] { "This field is required." });
        if (missing.Count > 0)
        {
            return Answer.Json(missing, StatusCodes.Status400BadRequest);
        }

        // The password is tried outside of a transaction: that takes its time on purpose.
        Account? account;
        await using (var reader = await database.Read(cancel))
        {
            account = await AccountStore.FindByPassword(reader, request.RequiredText("username"), request.RequiredText("password"));
        }

        if (account is null)
        {
            return Answer.Json(new { non_field_errors = new[] { "Unable to log in with provided credentials." } }, StatusCodes.Status400BadRequest);
        }

        await using var session = await database.Write(cancel);
        var token = await AccountStore.Token(session, account.Id, request.Now);
        await session.Commit();
        return Answer.Ok(new { token });
    }
}

public sealed record AccountAnswer(long Id, string Username, string Email, string FirstName, string LastName, bool IsStaff)
{
    public static AccountAnswer Of(Account a) => new(a.Id, a.Username, a.Email, a.FirstName, a.LastName, a.IsStaff);
}
