using System.Diagnostics;
using Scale.Client;

namespace Scale.Demo;

/// <summary>For files and pipes: a line when a step begins, and about one a second while jobs run.</summary>
public sealed class PlainDisplay(TextWriter output) : IDemoDisplay
{
    public void Say(string line) => output.WriteLine(line);

    public IBatchProgress BeginBatch(string name) => new Progress(output, name);

    private sealed class Progress(TextWriter output, string name) : IBatchProgress
    {
        private readonly Stopwatch sinceLine = Stopwatch.StartNew();
        private string lastLine = "";

        public void Show(Batch batch)
        {
            var jobs = batch.Jobs;
            var line = $"{name}: {jobs.Completed} of {jobs.Total} jobs completed, {jobs.Running} running" +
                (jobs.Failed > 0 ? $", {jobs.Failed} failed, {jobs.Blocked} blocked" : "") +
                $"; {batch.RecipesCompleted} of {batch.RecipesEstimated} recipes";
            if (line == lastLine || (!batch.HasEnded && lastLine.Length > 0 && sinceLine.ElapsedMilliseconds < 1000))
            {
                return;
            }

            output.WriteLine(line);
            lastLine = line;
            sinceLine.Restart();
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
