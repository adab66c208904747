using System.Diagnostics;

namespace Scale.Demo;

/// <summary>The demo's own input, made by the example program.</summary>
public static class SampleScenes
{
    /// <summary>Makes <c>scene-0001.png</c> and so on, as far as they aren't there.</summary>
    public static async Task Make(Pipeline imagery, int count, string folder, CancellationToken cancel)
    {
        using var program = Process.Start(new ProcessStartInfo(imagery.ProgramPath("scene"), ["generate", $"{count}", folder]) { RedirectStandardError = true })!;
        var errors = await program.StandardError.ReadToEndAsync(cancel);
        await program.WaitForExitAsync(cancel);
        if (program.ExitCode != 0)
        {
            throw new IOException($"The sample scenes could not be made in {folder}: {errors}");
        }
    }
}
