namespace Scale.Engine.Executions;

/// <summary>Lays the inputs of an execution into its folder: names of the workspace files and the metadata document (job-types-and-seed.md §8.2).</summary>
public static class InputStaging
{
    /// <param name="seenAt">Where main sees the input folder.</param>
    public static async Task Stage(ExecutionSpec spec, CheckedInputs inputs, ExecutionFolder folder, string seenAt, CancellationToken cancel)
    {
        // First of all: a spare folder may still have another execution's.
        folder.WriteInputMetadata(InputMetadata.Of(spec, inputs, seenAt).Span);
        foreach (var (input, files) in inputs.Files)
        {
            var directory = folder.MakeInput(input);
            foreach (var file in files)
            {
                await file.Broker.Stage(file.File.FilePath, Path.Combine(directory, file.LocalName), cancel);
            }
        }
    }
}
