using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Scale.Api.Documentation;

/// <summary>What a parameter is, for the OpenAPI document; reading and refusing is <see cref="Requests.RequestParameters"/>' work.</summary>
public sealed record Parameter(string Name, JsonSchemaType Type, string Description, bool IsRequired = false, bool IsRepeatable = false, string? Format = null, IReadOnlyList<string>? Choices = null)
{
    public static readonly Parameter[] Paging =
    [
        new("page", JsonSchemaType.String, "Page number from 1, or `last`."),
        new("page_size", JsonSchemaType.Integer, "Rows of a page, 1 to 1000, default 100."),
    ];

    public static readonly Parameter[] Range =
    [
        Time("started", "Earliest moment, inclusive: ISO-8601 with a zone, or a duration back from now."),
        Time("ended", "Latest moment, inclusive."),
    ];

    public static Parameter Text(string name, string description, bool required = false, bool repeatable = false) => new(name, JsonSchemaType.String, description, required, repeatable);

    public static Parameter Integer(string name, string description, bool required = false, bool repeatable = false) => new(name, JsonSchemaType.Integer, description, required, repeatable);

    public static Parameter Boolean(string name, string description, bool required = false) => new(name, JsonSchemaType.Boolean, description, required);

    public static Parameter Time(string name, string description) => new(name, JsonSchemaType.String, description, Format: "date-time");

    public static Parameter Object(string name, string description, bool required = false) => new(name, JsonSchemaType.Object, description, required);

    public static Parameter Array(string name, string description, bool required = false) => new(name, JsonSchemaType.Array, description, required);

    public static Parameter Order(IEnumerable<string> names) =>
        new("order", JsonSchemaType.String, $"Field to order by, `-` in front for descending, repeatable: {string.Join(", ", names)}.", IsRepeatable: true);
}

internal sealed record QueryParameters(IReadOnlyList<Parameter> Parameters);

internal sealed record BodyFields(IReadOnlyList<Parameter> Fields);

public static class ParameterDocumentation
{
    /// <summary>Documents query parameters: <c>.Query(Parameter.Paging).Query(Parameter.Text(...))</c>.</summary>
    public static RouteHandlerBuilder Query(this RouteHandlerBuilder endpoint, params Parameter[] parameters) => endpoint.WithMetadata(new QueryParameters(parameters));

    /// <summary>Documents the members of the JSON body.</summary>
    public static RouteHandlerBuilder Fields(this RouteHandlerBuilder endpoint, params Parameter[] fields) => endpoint.WithMetadata(new BodyFields(fields));

    internal static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(q => q.Parameters))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Required = parameter.IsRequired,
                Explode = parameter.IsRepeatable,
                Schema = parameter.IsRepeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = Schema(parameter) } : Schema(parameter),
            });
        }

        var fields = metadata.OfType<BodyFields>().SelectMany(b => b.Fields).ToList();
        if (fields.Count > 0)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = fields.Any(f => f.IsRequired),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new()
                    {
                        Schema = new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Properties = fields.ToDictionary(f => f.Name, f => (IOpenApiSchema)Schema(f)),
                            Required = fields.Where(f => f.IsRequired).Select(f => f.Name).ToHashSet(),
                        },
                    },
                },
            };
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Schema(Parameter parameter) => new()
    {
        Type = parameter.Type,
        Format = parameter.Format,
        Description = parameter.Description,
        Items = parameter.Type == JsonSchemaType.Array ? new OpenApiSchema() : null,
        Enum = parameter.Choices is { } choices ? [.. choices.Select(c => (JsonNode)JsonValue.Create(c))] : null,
    };
}
