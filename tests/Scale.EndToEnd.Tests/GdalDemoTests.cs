using System.Diagnostics;

namespace Scale.EndToEnd.Tests;

public sealed class GdalDemoTests
{
    [Fact]
    public async Task GeoTIFFs_go_through_and_one_with_damaged_pixels_fails_alone()
    {
        using var folder = new TemporaryFolder();
        var input = folder.Below("input");
        Directory.CreateDirectory(input);
        Tool(Path.Combine(Places.Examples, "imagery", "bin", "scene"), "generate", "2", folder.Path);
        foreach (var name in new[] { "scene-0001", "scene-0002" })
        {
            Tool("gdal_translate", "-q", "-of", "GTiff", "-b", "1", "-a_srs", "EPSG:32633", "-a_ullr", "500000", "5000000", "507680", "4992320", folder.Below($"{name}.png"), Path.Combine(input, $"{name}.tif"));
        }

        // The header stays whole, the last rows are gone: it opens, but can't be read.
        var whole = await File.ReadAllBytesAsync(Path.Combine(input, "scene-0001.tif"));
        await File.WriteAllBytesAsync(Path.Combine(input, "damaged.tif"), whole[..(whole.Length - 20_000)]);

        await using var run = ProgramRun.Scale("demo", "--json", "--gdal", "--input", input, "--data", folder.Below("data"));

        Assert.Equal(1, await run.Exit());
        var first = run.Result.GetProperty("batches")[0];
        Assert.Equal(3, first.GetProperty("recipes").GetInt32());
        Assert.Equal(2 * 4, first.GetProperty("jobs_completed").GetInt32());
        Assert.Equal(1, run.Result.GetProperty("failed").GetInt32());
        Assert.Contains(run.Output, line => line.Contains("unreadable-raster", StringComparison.Ordinal) && line.Contains("DATA", StringComparison.Ordinal));
    }

    private static void Tool(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
