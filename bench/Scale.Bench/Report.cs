using System.Globalization;

namespace Scale.Bench;

/// <summary>Prints one line per figure, each beside its limit.</summary>
internal sealed class Report(TextWriter output)
{
    public void Title(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
        output.WriteLine($"  {"",-64} {"measured",14} {"limit",14} {"ratio",7}");
    }

    /// <param name="limit">What it should reach at least.</param>
    public void AtLeast(string what, double value, double limit, string unit = "") => Line(what, value, $">= {Text(limit)}", value / limit, unit, value >= limit);

    /// <param name="limit">What it should not pass.</param>
    public void AtMost(string what, double value, double limit, string unit = "") => Line(what, value, $"<= {Text(limit)}", value / limit, unit, value <= limit);

    /// <summary>Where the processor time went.</summary>
    public void Shares(string what, Machine.Cost cost, long count) => output.WriteLine(
        $"  {$"{what}: microseconds of server and database each",-64} {Text(cost.Server.TotalMicroseconds / count),6} + {Text(cost.Database.TotalMicroseconds / count)}");

    /// <summary>A figure without a limit of its own.</summary>
    public void Plain(string what, double value, string unit = "") => output.WriteLine($"  {Named(what, unit),-64} {Text(value),14}");

    private void Line(string what, double value, string limit, double ratio, string unit, bool isMet) =>
        output.WriteLine($"  {Named(what, unit),-64} {Text(value),14} {limit,14} {ratio.ToString("N2", CultureInfo.InvariantCulture),7}{(isMet ? "" : "  missed")}");

    private static string Named(string what, string unit) => unit.Length == 0 ? what : $"{what}, {unit}";

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : Math.Abs(value) >= 10 ? "N1" : "N2", CultureInfo.InvariantCulture);
}
