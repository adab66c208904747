using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Engine.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Api.Tests.Batches;

/// <summary>An API with a recipe type of one job node and a dataset of two files to make batches from.</summary>
internal sealed class BatchWorld : IAsyncDisposable
{
    public const string Definition =
        """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{"tile":{"dependencies":[],"input":{"SCENE":{"type":"recipe","input":"SCENE"}},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}}}}""";

    private BatchWorld(ApiFixture api)
    {
        Api = api;
        Seed = new Seed(api);
    }

    public ApiFixture Api { get; }

    public Seed Seed { get; }

    public RecipeTypeRow RecipeType { get; private set; } = null!;

    public long DatasetId { get; private set; }

    public static async Task<BatchWorld> Start(Provider provider = Provider.Sqlite)
    {
        var world = new BatchWorld(await ApiFixture.Start(provider, services: services => services.AddScaleRecipes()));
        await world.Seed.JobType("tiler");
        world.RecipeType = await world.Seed.RecipeType("tile-scene", Definition);
        world.DatasetId = await world.Dataset("SCENE", (await world.Seed.File("a.tif")).Id, (await world.Seed.File("b.tif")).Id);
        return world;
    }

    public async Task<long> Dataset(string parameter, params long[] files)
    {
        var definition = new { parameters = new { files = new[] { new { name = parameter } } } };
        var id = (await Api.Post("/v6/datasets/", new { definition })).Expect(201)["id"].GetInt64();
        var data = files.Select(file => new { files = new Dictionary<string, long[]> { [parameter] = [file] } }).ToArray();
        (await Api.Post($"/v6/datasets/{id}/", new { data })).Expect(files.Length == 0 ? 200 : 201);
        return id;
    }

    public Task<ApiAnswer> Make(object definition, object? configuration = null, string path = "/v6/batches/") =>
        Api.Post(path, new { recipe_type_id = RecipeType.Id, title = "My batch", description = "About it", definition, configuration });

    public static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
