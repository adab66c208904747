using System.Globalization;
using System.Xml;
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
        Row("seconds", (_, figures) => figures.Seconds.ToString("0.0", CultureInfo.InvariantCulture));
        foreach (var (node, _) in chain[0].Nodes)
        {
            Row($"{node}, min / avg / max s", (batch, _) =>
            {
                var (min, avg, max) = batch.JobDuration(node);
                return min is null ? "-" : $"{Seconds(min)} / {Seconds(avg!)} / {Seconds(max!)}";
            });
        }

        console.Write(table);

        void Row(string name, Func<Batch, BatchResult, string> value) =>
            table.AddRow([Markup.Escape(name), .. chain.Zip(result.Batches, (batch, figures) => Markup.Escape(value(batch, figures)))]);
    }

    private static string Seconds(string iso) => XmlConvert.ToTimeSpan(iso).TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture);
}
