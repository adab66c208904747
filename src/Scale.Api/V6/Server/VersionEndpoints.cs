using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;

namespace Scale.Api.V6.Server;

/// <summary>The pattern of every resource: one file shows its routes with name, summary and tag; handlers are short static methods.</summary>
internal static class VersionEndpoints
{
    private static readonly string Version =
        (typeof(VersionEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    public static void MapVersion(this IEndpointRouteBuilder v6)
    {
        var version = v6.MapGroup("/version").WithTags("System").WithMetadata(new OpenToAll());
        version.MapGet("/", Get).WithName("GetVersion").WithSummary("Version of this server; needs no credentials.");
    }

    private static IResult Get() => Answer.Ok(new { version = Version });
}
