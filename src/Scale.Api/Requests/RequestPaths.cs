using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;

namespace Scale.Api.Requests;

/// <summary>Makes one path of the many spellings of it: base path off, <c>v7</c> read as <c>v6</c>, <c>/batches/</c> as the v5 service, HEAD answered as GET without a body.</summary>
internal sealed class RequestPaths(RequestDelegate next, ApiOptions options)
{
    // The longest first, so that the root does not hide the others.
    private readonly string[] basePaths = [.. options.BasePaths.Where(p => p.Length > 0).OrderByDescending(p => p.Length)];
    private readonly bool servesRoot = options.BasePaths.Contains("");

    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!TakeBasePath(request))
        {
            throw ApiProblem.NotFound();
        }

        var (version, path) = Read(request.Path);
        context.Features.Set(new AskedPath(version, request.Path));
        request.Path = path;

        if (!HttpMethods.IsHead(request.Method))
        {
            await next(context);
            return;
        }

        request.Method = HttpMethods.Get;
        var body = context.Response.Body;
        context.Response.Body = Stream.Null;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = body;
            request.Method = HttpMethods.Head;
        }
    }

    /// <summary>Version prefix as links repeat it, and the path to route.</summary>
    private static (string Version, PathString Path) Read(PathString path) =>
        path.StartsWithSegments("/v7", out var rest) ? ("v7", new PathString("/v6").Add(rest))
        : path.StartsWithSegments("/v5") ? ("v5", path)
        : path.StartsWithSegments("/batches") ? ("", new PathString("/v5").Add(path))
        : ("v6", path);

    private bool TakeBasePath(HttpRequest request)
    {
        foreach (var basePath in basePaths)
        {
            if (request.Path.StartsWithSegments(basePath, out var rest))
            {
                request.PathBase = request.PathBase.Add(basePath);
                request.Path = rest;
                return true;
            }
        }

        return servesRoot;
    }
}

/// <summary>Route constraint <c>id</c>: decimal digits that fit a row id; anything else does not route (scheduler-and-system.md §1.1).</summary>
internal sealed class IdConstraint : IRouteConstraint
{
    public bool Match(HttpContext? context, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection direction) =>
        values[routeKey]?.ToString() is { Length: > 0 and <= 18 } text && text.All(char.IsAsciiDigit);
}
