using Scale.Client;
using Spectre.Console;

namespace Scale.Demo;

/// <summary>For terminals: one bar for the batch and one for each node of its recipes.</summary>
public sealed class LiveDisplay(IAnsiConsole console) : IDemoDisplay
{
    // Past the console's own wrapping: paths and commands must stay whole to be copied.
    public void Say(string line) => console.Profile.Out.Writer.WriteLine(line);

    public IBatchProgress BeginBatch(string name) => new Bars(console, name);

    private sealed class Bars : IBatchProgress
    {
        private readonly string name;
        private readonly Dictionary<string, ProgressTask> bars = [];
        private readonly TaskCompletionSource<ProgressContext> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task running;

        public Bars(IAnsiConsole console, string name)
        {
            this.name = name;
            // Spectre draws for as long as this delegate runs; the batch is watched elsewhere.
            running = console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async context =>
                {
                    started.SetResult(context);
                    await ended.Task;
                });
        }

        public void Show(Batch batch)
        {
            Set(name, $"[bold]{name}[/]: {batch.RecipesCompleted} of {batch.RecipesEstimated} recipes", batch.Jobs);
            foreach (var (node, jobs) in batch.Nodes)
            {
                var text = $"  {Markup.Escape(node)}: {jobs.Completed} of {jobs.Total}";
                text += jobs.Running > 0 ? $", [green]{jobs.Running} running[/]" : "";
                text += jobs.Failed > 0 ? $", [red]{jobs.Failed} failed[/]" : "";
                text += jobs.Blocked > 0 ? $", [yellow]{jobs.Blocked} blocked[/]" : "";
                Set(node, text, jobs);
            }
        }

        public async ValueTask DisposeAsync()
        {
            ended.TrySetResult();
            await running;
        }

        private void Set(string key, string text, JobCounts jobs)
        {
            if (!bars.TryGetValue(key, out var bar))
            {
                bars[key] = bar = started.Task.GetAwaiter().GetResult().AddTask(text);
            }

            bar.Description = text;
            bar.MaxValue = Math.Max(1, jobs.Total);
            bar.Value = jobs.Completed + jobs.Failed + jobs.Canceled + jobs.Blocked;
        }
    }
}
