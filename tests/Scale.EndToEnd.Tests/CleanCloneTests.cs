using System.Diagnostics;

namespace Scale.EndToEnd.Tests;

public sealed class CleanCloneTests
{
    [Fact]
    public async Task The_first_command_of_a_fresh_clone_runs_the_main_job()
    {
        using var folder = new TemporaryFolder();
        var clone = folder.Below("scale");
        CloneWorkingTree(clone);

        await using var run = ProgramRun.Door(clone, "demo", "--json");

        await run.Success();
        DemoAssertions.ShowsTheMainJob(run.Result, scenes: 24);
        Assert.True(Directory.Exists(Path.Combine(clone, "scale-data")));
    }

    /// <summary>What a commit of everything would hold: tracked files as they are now and new ones, but nothing that is ignored.</summary>
    private static void CloneWorkingTree(string target)
    {
        var start = new ProcessStartInfo("git", ["-C", Places.Repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]) { RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        foreach (var file in files.Where(file => File.Exists(Path.Combine(Places.Repository, file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, file))!);
            File.Copy(Path.Combine(Places.Repository, file), Path.Combine(target, file));
        }
    }
}
