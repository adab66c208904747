using System.Text.Json.Nodes;
using Scale.Tests.Documents;

namespace Scale.Api.Tests.Batches;

/// <summary>Mutated bodies over HTTP: whatever comes is done or refused, and never the server's fault. A failing seed prints itself with its body.</summary>
public sealed class BatchFuzzTests
{
    private const int Seeds = 250;

    [Theory]
    [InlineData("/v6/batches/", """{"recipe_type_id":1,"title":"t","description":"d","supersedes":true,"definition":{"version":"7","dataset":1,"supersedes":true,"forced_nodes":{"all":false,"nodes":["tile"],"sub_recipes":{"tile":{"all":true}}}},"configuration":{"version":"7","priority":5,"inputMap":[{"input":"SCENE","datasetParameter":"SCENE"}]}}""")]
    [InlineData("/v6/batches/validation/", """{"recipe_type_id":1,"definition":{"previous_batch":{"root_batch_id":1,"forced_nodes":{"all":true}}},"configuration":{"priority":5}}""")]
    [InlineData("PATCH /v6/batches/1/", """{"title":"t","description":null,"configuration":{"priority":5,"inputMap":[{"input":"SCENE","datasetParameter":"SCENE"}]}}""")]
    [InlineData("/v5/batches/", """{"recipe_type_id":1,"title":"t","definition":{"version":"1.0","date_range":{"type":"data","started":"2016-01-01T00:00:00Z","ended":"2030-01-01T00:00:00+01:00"},"job_names":["tile"],"all_jobs":false,"priority":3,"trigger_rule":{"condition":{"media_type":"image/tiff","data_types":["a"]},"data":{"input_data_name":"SCENE","workspace_name":"products"}}}}""")]
    [InlineData("/v5/batches/validation/", """{"recipe_type_id":1,"definition":{"date_range":{"started":"2016-01-01T00:00:00Z"},"trigger_rule":true}}""")]
    [InlineData("/v6/datasets/", """{"title":"t","definition":{"version":"7","parameters":{"files":[{"name":"SCENE","media_types":["image/tiff"],"multiple":true}],"json":[{"name":"LEVEL","type":"integer","required":false}]},"global_parameters":{"json":[{"name":"G","type":"object"}]},"global_data":{"json":{"G":{}}}},"data":[{"files":{"SCENE":[1]},"json":{"LEVEL":3}}],"dry_run":false}""")]
    [InlineData("/v6/datasets/validation/", """{"title":"t","definition":{"parameters":{"files":[{"name":"SCENE"}]},"global_parameters":{"json":[{"name":"G","type":"string"}]},"global_data":{"json":{"G":"x"}}}}""")]
    [InlineData("/v6/datasets/1/", """{"data_template":{"version":"7","files":{"SCENE":"FILE_VALUE"},"json":{"X":1}},"order":["-file_name"],"data_started":"2016-01-01T00:00:00Z","created_ended":"P1D","media_type":["image/tiff"],"file_type":"SOURCE","batch_id":[1],"job_type_name":["x"],"file_name_search":"a","dry_run":true}""")]
    public async Task Mutated_bodies_are_accepted_or_refused(string endpoint, string sound)
    {
        await using var world = await BatchWorld.Start();
        await world.Seed.Workspace();
        (await world.Make(new { dataset = world.DatasetId })).Expect(201);
        var (method, path) = endpoint.StartsWith("PATCH ", StringComparison.Ordinal) ? (HttpMethod.Patch, endpoint[6..]) : (HttpMethod.Post, endpoint);
        var whole = await world.Api.Send(method, path, sound);
        Assert.True(whole.Status is >= 200 and < 300, $"the sound body gets {whole.Status}: {whole.Text}");
        for (var seed = 0; seed < Seeds; seed++)
        {
            var text = MutatedJson.Of(JsonNode.Parse(sound)!, new Random(seed));
            var answer = await world.Api.Send(method, path, text);
            Assert.True(answer.Status < 500, $"seed {seed} gets {answer.Status} for {text}");
            Assert.True(answer.Status is not 400 || answer.Detail.Length > 0, $"seed {seed} is refused without a word: {text}");
        }
    }
}
