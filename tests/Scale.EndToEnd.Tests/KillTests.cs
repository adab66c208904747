using System.Text.RegularExpressions;

namespace Scale.EndToEnd.Tests;

public sealed partial class KillTests
{
    private const int Scenes = 24;

    /// <summary>
    /// The image's program is replaced by one that first writes down which job and execution it is, so what really ran is known from outside of the engine.
    /// </summary>
    [Fact]
    public async Task A_demo_that_is_killed_again_and_again_completes_and_runs_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        var journal = folder.Below("journal");
        var images = MakeImages(folder, journal);
        string[] arguments = ["demo", "--json", "--scenes", $"{Scenes}", "--data", folder.Below("data"), "--runtime", "process", "--image-root", images];

        // In the first batch twice, and in the second.
        foreach (var (batch, completed) in new[] { (1, 5), (1, 50), (2, 60) })
        {
            await using var killed = ProgramRun.Scale(arguments);
            await killed.Line(line => HasGot(line, batch, completed));
            await killed.KillHard();
        }

        await using var run = ProgramRun.Scale(arguments);
        await run.Success();
        DemoAssertions.ShowsTheMainJob(run.Result, Scenes, batches: run.Result.GetProperty("batches").GetArrayLength());

        var executions = (await File.ReadAllLinesAsync(journal)).Select(line => line.Split(' ')).ToList();
        Assert.Equal(run.Result.GetProperty("batches").EnumerateArray().Sum(batch => batch.GetProperty("jobs_run").GetInt32()), executions.Count);
        // A kill between writing an execution and starting it leaves one that never ran, so a few jobs may have run as their second; none may have run twice.
        Assert.Equal(executions.Count, executions.Select(execution => execution[0]).Distinct().Count());
        await using var check = ProgramRun.Scale("check", "--data", folder.Below("data"));
        await check.Success();
    }

    private static bool HasGot(string line, int batch, int completed)
    {
        var progress = ProgressLine().Match(line);
        return progress.Success && (int.Parse(progress.Groups[1].Value), int.Parse(progress.Groups[2].Value)).CompareTo((batch, completed)) >= 0;
    }

    private static string MakeImages(TemporaryFolder folder, string journal)
    {
        var images = folder.Below("images");
        var source = Path.Combine(Places.Examples, "imagery");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(images, "imagery", Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var program = Path.Combine(images, "imagery", "bin", "scene");
        File.Move(program, program + "-real");
        File.WriteAllText(program, $"""
            #!/bin/sh
            [ -z "$SCALE_JOB_ID" ] || echo "$SCALE_JOB_ID $SCALE_EXE_NUM" >> '{journal}'
            exec '{Path.Combine(source, "bin", "scene")}' "$@"

            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return images;
    }

    [GeneratedRegex(@"^batch (\d+): (\d+) of \d+ jobs completed")]
    private static partial Regex ProgressLine();
}
