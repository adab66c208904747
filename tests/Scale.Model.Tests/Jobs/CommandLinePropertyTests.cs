using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Jobs;

namespace Scale.Model.Tests.Jobs;

/// <summary>Whatever a user or a file name brings along stays a value.</summary>
public class CommandLinePropertyTests
{
    private static readonly string[] Pieces =
        ["a", "B", "1", " ", "  ", "\t", "\n", "$", "{", "}", "${", "$X", "${X}", "${Y/#/", "'", "\"", "\\", "`", "$(", ")", ";", "*", "?", "~", "-", "--", "=", "/", "é", "\u2028", "😀"];

    private static readonly Arbitrary<string> Texts = Gen.Elements(Pieces).ArrayOf().Select(string.Concat).ToArbitrary();

    private static readonly Arbitrary<(string Command, string X, string Y)> Commands =
        Texts.Generator.ArrayOf(3).Select(t => (t[0], t[1], t[2])).ToArbitrary();

    private static IReadOnlyList<string> Expand(string command, string? x, bool isSplit, string? y = null) => CommandLine.Expand(
        command, new Dictionary<string, CommandValue> { ["X"] = new(x, isSplit), ["Y"] = new(y, IsSplit: false) });

    [Fact]
    public void A_quoted_value_is_exactly_one_argument() => Prop.ForAll(Texts, text =>
        Expand("run \"$X\" \"pre ${X} post\" \"${X/#/--x= }\" end", text, isSplit: true).SequenceEqual(["run", text, $"pre {text} post", $"--x= {text}", "end"]))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void A_path_is_never_split_quoted_or_not() => Prop.ForAll(Texts, text =>
        Expand("run ${X} -f$X ${X/#/-d } end", text + "p", isSplit: false).SequenceEqual(["run", text + "p", "-f" + text + "p", "-d", text + "p", "end"]))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void An_unquoted_text_is_split_at_blanks_and_nothing_else_is_made_of_it() => Prop.ForAll(Texts, text =>
        Expand("run $X end", text, isSplit: true)
            .SequenceEqual(["run", .. text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries), "end"]))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Single_quotes_keep_everything() => Prop.ForAll(Texts, text =>
        Expand($"run '{text.Replace("'", "'\\''")}'", "value", isSplit: true).SequenceEqual(["run", text]))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Escaped_characters_stand_for_themselves() => Prop.ForAll(Texts, text =>
        text.Contains('\n') || Expand("run " + string.Concat(text.Select(c => $"\\{c}")), "value", isSplit: true).SequenceEqual(text.Length == 0 ? ["run"] : ["run", text]))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Other_values_make_the_same_number_of_arguments_when_none_is_split() => Prop.ForAll(Commands, c =>
        Expand(c.Command, c.X + "x", isSplit: false, c.Y + "y").Count == Expand(c.Command, "x", isSplit: false, "y").Count)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void No_command_and_no_value_is_too_odd() => Prop.ForAll(Commands, c =>
    {
        Expand(c.Command, c.X, isSplit: true, c.Y);
        Expand(c.Command, null, isSplit: true);
        // What was parsed once means the same when nothing is declared and its result is quoted again.
        var literal = CommandLine.Expand(c.Command, new Dictionary<string, CommandValue>());
        var again = string.Join(' ', literal.Select(word => $"'{word.Replace("'", "'\\''")}'"));
        return CommandLine.Expand(again, new Dictionary<string, CommandValue>()).SequenceEqual(literal);
    }).QuickCheckThrowOnFailure();
}
