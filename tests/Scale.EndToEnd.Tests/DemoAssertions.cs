using System.Text.Json;

namespace Scale.EndToEnd.Tests;

public static class DemoAssertions
{
    private const int NodesPerRecipe = 4;
    private const int NodesThatDependOnTheChange = 2;
    private const int FilesPerRecipe = 3;
    private const int FilesOfTheRerun = 2;

    /// <summary>The first batch ran everything, every later one only quicklook and summary; all products are there.</summary>
    public static void ShowsTheMainJob(JsonElement result, int scenes, int batches = 2)
    {
        var shown = result.GetProperty("batches").EnumerateArray().ToList();
        Assert.Equal(batches, shown.Count);
        for (var i = 0; i < batches; i++)
        {
            var run = scenes * (i == 0 ? NodesPerRecipe : NodesThatDependOnTheChange);
            Assert.Equal(scenes, shown[i].GetProperty("recipes").GetInt32());
            Assert.Equal(scenes * NodesPerRecipe, shown[i].GetProperty("jobs_completed").GetInt32());
            Assert.Equal(run, shown[i].GetProperty("jobs_run").GetInt32());
            Assert.Equal((scenes * NodesPerRecipe) - run, shown[i].GetProperty("jobs_copied").GetInt32());
            Assert.True(shown[i].GetProperty("seconds").GetDouble() > 0);
        }

        Assert.Equal(scenes * (FilesPerRecipe + (FilesOfTheRerun * (batches - 1))), result.GetProperty("products").GetInt32());
        Assert.Equal(0, result.GetProperty("failed").GetInt32());
    }
}
