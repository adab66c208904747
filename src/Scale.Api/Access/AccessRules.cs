using Microsoft.AspNetCore.Http;
using Scale.Api.Answers;
using Scale.Api.Requests;
using Scale.Store.Access;
using Scale.Store.Databases;

namespace Scale.Api.Access;

/// <summary>Who may do what, in the order of scheduler-and-system.md §1.2: route 404, media type 406, credentials 403, permission 403, method 405.</summary>
internal sealed class AccessRules(RequestDelegate next, ApiOptions options, Database database)
{
    private const string Scheme = "Token ";

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? throw ApiProblem.NotFound();
        if (endpoint.Metadata.GetMetadata<AnswersAnyMediaType>() is null && !ContentNegotiation.AcceptsJson(context.Request))
        {
            throw new ApiProblem(StatusCodes.Status406NotAcceptable, "Could not satisfy the request Accept header: answers are application/json.");
        }

        var isOpen = endpoint.Metadata.GetMetadata<OpenToAll>() is not null;
        var caller = options.AuthenticationEnabled ? isOpen ? Caller.Anonymous : await Identify(context) : Caller.Unchecked;
        if (!isOpen && !IsPermitted(caller, context.Request))
        {
            throw ApiProblem.Forbidden(caller.Account is null && !caller.IsStaff
                ? "Authentication credentials were not provided."
                : "You do not have permission to perform this action.");
        }

        context.Features.Set(caller);
        await next(context);
    }

    private async Task<Caller> Identify(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Caller.Anonymous;
        }

        // A wrong token is refused even where nobody need have one.
        var token = header[Scheme.Length..].Trim();
        if (token.Length != 40 || !token.All(char.IsAsciiHexDigit))
        {
            throw ApiProblem.Forbidden("Invalid token: it has 40 hexadecimal digits.");
        }

        await using var session = await database.Read(context.RequestAborted);
        var account = await AccountStore.FindByToken(session, token.ToLowerInvariant()) ?? throw ApiProblem.Forbidden("Invalid token.");
        return account.IsActive ? Caller.Of(account) : throw ApiProblem.Forbidden("User inactive or deleted.");
    }

    private bool IsPermitted(Caller caller, HttpRequest request)
    {
        if (caller.IsStaff)
        {
            return true;
        }

        var mayRead = caller.Account is not null || options.PublicRead;
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return mayRead && (isSafe || request.Path.Value!.Contains("/validation", StringComparison.Ordinal));
    }
}
