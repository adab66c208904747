namespace Scale.EndToEnd.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--cluster", "serve", "--cluster", "moon")]
    [InlineData("--runtime", "serve", "--runtime", "magic")]
    [InlineData("--listen", "serve", "--listen", "ftp://here")]
    [InlineData("--listen", "serve", "--listen", "8000")]
    [InlineData("--database", "serve", "--database", "no connection")]
    [InlineData("--image-root", "serve", "--image-root", "/there/is/no/such/folder")]
    [InlineData("--simulated-nodes", "serve", "--simulated-nodes", "0")]
    [InlineData("--simulated-nodes", "serve", "--simulated-nodes", "many")]
    [InlineData("--container-user", "serve", "--container-user", "me")]
    [InlineData("--container-pull", "serve", "--container-pull", "sometimes")]
    [InlineData("--container-run-arguments", "serve", "--container-run-arguments", "'no end")]
    [InlineData("--container-network", "serve", "--container-network", " ")]
    [InlineData("--server", "job-type", "add", "image", "--server", "here")]
    [InlineData("--scenes", "demo", "--scenes", "0")]
    [InlineData("--scenes", "demo", "--scenes", "1.5")]
    [InlineData("--input", "demo", "--input", "/there/is/no/such/folder")]
    [InlineData("--input", "demo", "--gdal")]
    [InlineData("--frobnicate", "demo", "--frobnicate")]
    [InlineData("dance", "dance")]
    public async Task A_bad_command_line_ends_with_status_2_and_names_what_is_bad(string named, params string[] arguments)
    {
        await using var run = ProgramRun.Scale(arguments);

        Assert.Equal(2, await run.Exit());
        Assert.Contains(named, run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        await using var run = ProgramRun.Scale("help");

        await run.Success();
        var text = string.Join('\n', run.Output);
        Assert.All(["demo", "serve", "check", "test", "bench"], command => Assert.Contains($"./scale {command}", text));
    }

    [Fact]
    public async Task A_check_of_a_folder_without_database_says_so()
    {
        using var folder = new TemporaryFolder();
        await using var run = ProgramRun.Scale("check", "--data", folder.Path);

        Assert.Equal(3, await run.Exit());
        Assert.Contains("There is no database", run.Errors);
    }

    [Fact]
    public async Task An_unreachable_database_is_a_clear_message()
    {
        using var folder = new TemporaryFolder();
        await using var run = ProgramRun.Scale("serve", "--data", folder.Path, "--database", "Host=127.0.0.1;Port=1;Username=nobody;Database=none");

        Assert.Equal(3, await run.Exit());
        Assert.Contains("--database", run.Errors);
        Assert.DoesNotContain("   at ", run.Errors);
    }
}
