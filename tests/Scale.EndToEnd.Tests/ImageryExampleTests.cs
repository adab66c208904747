using System.Diagnostics;
using System.Text.Json;

namespace Scale.EndToEnd.Tests;

/// <summary>The example program by itself, as an execution starts it.</summary>
public sealed class ImageryExampleTests
{
    private static readonly string Scene = Path.Combine(Places.Examples, "imagery", "bin", "scene");

    [Fact]
    public void The_same_number_gives_the_same_scene()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Run("generate", "3", folder.Below("one")).Status);
        Assert.Equal(0, Run("generate", "3", folder.Below("two")).Status);

        Assert.Equal(["scene-0001.png", "scene-0002.png", "scene-0003.png"], Directory.EnumerateFiles(folder.Below("one")).Select(Path.GetFileName).Order());
        Assert.All([1, 2, 3], n => Assert.Equal(File.ReadAllBytes(folder.Below($"one/scene-000{n}.png")), File.ReadAllBytes(folder.Below($"two/scene-000{n}.png"))));
    }

    [Fact]
    public void A_scene_goes_through_all_four_algorithms()
    {
        using var folder = new TemporaryFolder();
        Run("generate", "1", folder.Path);
        var scene = folder.Below("scene-0001.png");

        Assert.Equal(0, Run("check", scene, folder.Path).Status);
        var check = Outputs(folder);
        Assert.Equal(256, check.GetProperty("width").GetInt32());
        Assert.InRange(check.GetProperty("cloud_fraction").GetDouble(), 0, 1);

        Assert.Equal(0, Run("index", scene, check.GetProperty("cloud_level").GetRawText(), folder.Path).Status);
        Assert.InRange(Outputs(folder).GetProperty("mean_index").GetDouble(), -1, 1);
        Assert.Equal(0, Run("quicklook", folder.Below("scene-0001_index.png"), "heat", folder.Path).Status);
        Assert.Equal(0, Run("summary", folder.Below("scene-0001_quicklook.png"), "0.1", "0.7", "0.9", folder.Path).Status);

        Assert.Equal("green", Outputs(folder).GetProperty("verdict").GetString());
        Assert.Equal("scene-0001_quicklook.png", JsonElement.Parse(File.ReadAllBytes(folder.Below("scene-0001_summary.json"))).GetProperty("quicklook").GetString());
    }

    [Fact]
    public void Ramps_give_different_pictures_of_one_index()
    {
        using var folder = new TemporaryFolder();
        Run("generate", "1", folder.Path);
        Run("index", folder.Below("scene-0001.png"), "180", folder.Path);
        var pictures = new List<byte[]>();
        foreach (var ramp in new[] { "meadow", "heat" })
        {
            Assert.Equal(0, Run("quicklook", folder.Below("scene-0001_index.png"), ramp, folder.Path).Status);
            pictures.Add(File.ReadAllBytes(folder.Below("scene-0001_quicklook.png")));
        }

        Assert.NotEqual(pictures[0], pictures[1]);
    }

    [Theory]
    [InlineData("cut off", 3)]
    [InlineData("one bit", 3)]
    [InlineData("no picture", 3)]
    [InlineData("missing", 3)]
    [InlineData("one band", 4)]
    public void A_file_that_is_no_scene_is_told_by_the_exit_code(string harm, int status)
    {
        using var folder = new TemporaryFolder();
        Run("generate", "1", folder.Path);
        var path = folder.Below("scene-0001.png");
        var bytes = File.ReadAllBytes(path);
        switch (harm)
        {
            case "cut off":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "one bit":
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            case "no picture":
                File.WriteAllText(path, "no picture");
                break;
            case "missing":
                File.Delete(path);
                break;
            default:
                Run("index", path, "180", folder.Path);
                path = folder.Below("scene-0001_index.png");
                break;
        }

        var (actual, errors) = Run("check", path, folder.Path);
        Assert.Equal(status, actual);
        Assert.Contains(Path.GetFileName(path), errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Theory]
    [InlineData]
    [InlineData("check")]
    [InlineData("quicklook", "x.png", "rainbow", "/tmp")]
    [InlineData("index", "x.png", "bright", "/tmp")]
    public void Wrong_arguments_end_with_status_2(params string[] arguments) => Assert.Equal(2, Run(arguments).Status);

    private static JsonElement Outputs(TemporaryFolder folder) => JsonElement.Parse(File.ReadAllBytes(folder.Below("seed.outputs.json")));

    private static (int Status, string Errors) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Scene, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
