using System.Globalization;
using Scale.Client;
using Spectre.Console;

namespace Scale.Demo;

/// <summary>The batches of a chain side by side.</summary>
public static class ComparisonTable
{
    public static void Write(IAnsiConsole console, IReadOnlyList<Batch> chain, DemoResult result)
    {
        var table = new Table { Border = console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Ascii };
        table.AddColumn("");
        foreach (var batch in chain)
        {
            table.AddColumn(new TableColumn($"batch {batch.Id}").RightAligned());
        }

        Row("recipes", (batch, _) => $"{batch.RecipesCompleted} of {batch.RecipesTotal}");
        Row("jobs completed", (batch, _) => $"{batch.Jobs.Completed} of {batch.Jobs.Total}");
        Row("jobs run", (_, figures) => $"{figures.JobsRun}");
        Row("jobs copied", (_, figures) => $"{figures.JobsCopied}");
        Row("jobs failed", (batch, _) => $"{batch.Jobs.Failed}");
        Row("jobs blocked", (batch, _) => $"{batch.Jobs.Blocked}");
        Row("seconds", (_, figures) => Seconds(figures.Seconds));
        Row("seconds per job", (_, _) => "min / avg / max");
        foreach (var (node, _) in chain[0].Nodes)
        {
            Row($"  {node}", (batch, _) => batch.JobSeconds(node) is { } seconds ? $"{Seconds(seconds.Min)} / {Seconds(seconds.Avg)} / {Seconds(seconds.Max)}" : "-");
        }

        console.Write(table);

        void Row(string name, Func<Batch, BatchResult, string> value) =>
            table.AddRow([Markup.Escape(name), .. chain.Zip(result.Batches, (batch, figures) => Markup.Escape(value(batch, figures)))]);
    }

    private static string Seconds(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
