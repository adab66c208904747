using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V5.Batches;
using Scale.Api.V6.Accounts;
using Scale.Api.V6.Batches;
using Scale.Api.V6.Datasets;
using Scale.Api.V6.Errors;
using Scale.Api.V6.Executions;
using Scale.Api.V6.Files;
using Scale.Api.V6.Ingests;
using Scale.Api.V6.Jobs;
using Scale.Api.V6.JobTypes;
using Scale.Api.V6.Nodes;
using Scale.Api.V6.Recipes;
using Scale.Api.V6.RecipeTypes;
using Scale.Api.V6.Scans;
using Scale.Api.V6.Scheduling;
using Scale.Api.V6.Server;
using Scale.Api.V6.Workspaces;
using Scale.Engine.JobTypes;

namespace Scale.Api;

/// <summary>Puts the API into a host. The host gives <c>Database</c>, <c>EngineSignal</c> and <c>SecretVault</c>.</summary>
public static class ApiServices
{
    public static IServiceCollection AddScaleApi(this IServiceCollection services, ApiOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<JobTypeRegistration>();
        services.AddHostedService<AdminAccount>();
        services.AddRouting(routing => routing.ConstraintMap["id"] = typeof(IdConstraint));
        services.ConfigureHttpJsonOptions(json => AnswerJson.Configure(json.SerializerOptions));
        services.AddOpenApi("v6", openApi =>
        {
            openApi.AddOperationTransformer(ParameterDocumentation.Describe);
            openApi.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Scale";
                document.Info.Version = "v6";
                return Task.CompletedTask;
            });
        });
        return services;
    }

    public static void MapScaleApi(this WebApplication app)
    {
        app.UseMiddleware<ProblemAnswers>();
        app.UseMiddleware<RequestPaths>();
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Scale API";
            page.SwaggerEndpoint("../openapi/v6.json", "Scale v6");
        });
        app.UseRouting();
        app.UseMiddleware<AccessRules>();

        app.MapGet("/healthz", () => Answer.Ok(new { status = "ok" })).WithMetadata(new OpenToAll()).ExcludeFromDescription();
        app.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new OpenToAll()).WithMetadata(new AnswersAnyMediaType());
        app.MapTokens();
        MapV6(app.MapGroup("/v6"));
        app.MapGroup("/v5").MapLegacyBatches();
    }

    private static void MapV6(IEndpointRouteBuilder v6)
    {
        v6.MapAccounts();
        v6.MapAllExecutions();
        v6.MapBatches();
        v6.MapDatasets();
        v6.MapErrors();
        v6.MapExecutions();
        v6.MapFiles();
        v6.MapIngests();
        v6.MapJobOperations();
        v6.MapJobTypes();
        v6.MapJobTypeUsage();
        v6.MapJobs();
        v6.MapLoad();
        v6.MapLogs();
        v6.MapNodes();
        v6.MapQueue();
        v6.MapRecipeTypes();
        v6.MapRecipes();
        v6.MapScans();
        v6.MapScheduler();
        v6.MapStatus();
        v6.MapVersion();
        v6.MapWorkspaces();
    }
}
