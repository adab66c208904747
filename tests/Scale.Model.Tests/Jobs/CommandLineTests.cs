using Scale.Model.Jobs;

namespace Scale.Model.Tests.Jobs;

public class CommandLineTests
{
    // F and DIR are paths, T and WORDS texts, N a number; EMPTY has a value without a character; UNSET is declared but has none.
    private static readonly Dictionary<string, CommandValue> Values = new()
    {
        ["F"] = new("/in/F/my scan.tif", IsSplit: false),
        ["DIR"] = new("/out", IsSplit: false),
        ["T"] = new("a", IsSplit: true),
        ["WORDS"] = new(" one  two\tthree\n", IsSplit: true),
        ["EVIL"] = new("$T ${T} \"x y\" 'z' \\ `id` $(id) ; * ~ > /x", IsSplit: true),
        ["N"] = new("1.5", IsSplit: false),
        ["EMPTY"] = new("", IsSplit: true),
        ["UNSET"] = new(null, IsSplit: true),
        ["s_1"] = new("low", IsSplit: true),
        ["a-b"] = new("dash", IsSplit: true),
    };

    [Theory]
    // Words.
    [InlineData("", "")]
    [InlineData("  \t\n ", "")]
    [InlineData("  run \t it\r\n now ", "run|it|now")]
    [InlineData("run {a} }b{ c", "run|{a}|}b{|c")]
    [InlineData("run *.tif ~ a;b >c # d", "run|*.tif|~|a;b|>c|#|d")]
    // The forms of expansion.
    [InlineData("$T ${T} x${T}y x$T.y", "a|a|xay|xa.y")]
    [InlineData("$N$N ${T}${N}", "1.51.5|a1.5")]
    [InlineData("${s_1} $s_1 ${a-b}", "low|low|dash")]
    [InlineData("${F/#/-d } ${T/#/--t=}", "-d|/in/F/my scan.tif|--t=a")]
    [InlineData("${N/#/-a -b }x", "-a|-b|1.5x")]
    [InlineData("${F/#/}", "/in/F/my scan.tif")]
    [InlineData("\"${F/#/-d }\"", "-d /in/F/my scan.tif")]
    [InlineData("${T/#/'-d '}", "-d a")]
    [InlineData("${T/#/\\}}", "}a")]
    // Declared without a value: no text and no argument.
    [InlineData("run ${UNSET} $UNSET ${UNSET/#/-u } end", "run|end")]
    [InlineData("a${UNSET}b", "ab")]
    [InlineData("\"$UNSET\" \"x$UNSET\"", "x")]
    [InlineData("$EMPTY", "")]
    // Undeclared: as written.
    [InlineData("$NOPE ${NOPE} ${NOPE/#/-n } \"${NOPE}\"", "$NOPE|${NOPE}|${NOPE/#/-n }|${NOPE}")]
    [InlineData("${T:-1} ${T%.tif} ${} $ $1 $$ a$", "${T:-1}|${T%.tif}|${}|$|$1|$$|a$")]
    [InlineData("$t ${f}", "$t|${f}")]
    [InlineData("${ ${T}", "${ ${T}")]
    // Quoting, as in Bash.
    [InlineData("'a b' \"c d\" e\\ f \"g'h\" 'i\"j'", "a b|c d|e f|g'h|i\"j")]
    [InlineData("a'b c'd\"e f\"", "ab cde f")]
    [InlineData("'' \"\" x\"\"", "||x")]
    [InlineData("'$T ${T}' \\$T \"\\$T\"", "$T ${T}|$T|$T")]
    [InlineData("'a\\nb' \"a\\nb\" a\\nb", "a\\nb|a\\nb|anb")]
    [InlineData("\"\\\"\\\\\\`\"", "\"\\`")]
    [InlineData("a\\\nb \"c\\\nd\" 'e\\\nf'", "ab|cd|e\\\nf")]
    [InlineData("a\\", "a\\")]
    // Values.
    [InlineData("x$WORDS.y", "x|one|two|three|.y")]
    [InlineData("\"x$WORDS\"", "x one  two\tthree\n")]
    [InlineData("$F \"$F\" pre$F", "/in/F/my scan.tif|/in/F/my scan.tif|pre/in/F/my scan.tif")]
    [InlineData("$EVIL", "$T|${T}|\"x|y\"|'z'|\\|`id`|$(id)|;|*|~|>|/x")]
    [InlineData("\"$EVIL\"", "$T ${T} \"x y\" 'z' \\ `id` $(id) ; * ~ > /x")]
    public void A_command_becomes_these_arguments(string command, string arguments)
    {
        Assert.Equal(arguments.Length > 0 ? arguments.Split('|') : [], CommandLine.Expand(command, Values));
        Assert.True(CommandLine.IsBalanced(command));
    }

    [Theory]
    [InlineData("run ${T", "run|${T")]
    [InlineData("run ${T x", "run|${T|x")]
    [InlineData("\"${T\" }", "${T|}")]
    [InlineData("${T/#/-d ", "${T/#/-d")]
    [InlineData("it's $T", "it's|a")]
    [InlineData("say \"$T", "say|\"a")]
    [InlineData("\"a\\\"", "\"a\"")]
    public void What_is_not_closed_stays_as_it_is(string command, string arguments)
    {
        Assert.Equal(arguments.Split('|'), CommandLine.Expand(command, Values));
        Assert.False(CommandLine.IsBalanced(command));
    }

    [Fact]
    public void An_empty_value_is_an_argument_only_when_quoted()
    {
        Assert.Equal([""], CommandLine.Expand("\"$EMPTY\"", Values));
        Assert.Equal(["-e", ""], CommandLine.Expand("-e \"${EMPTY}\" $EMPTY", Values));
    }

    [Theory]
    [InlineData("${")]
    [InlineData("\"")]
    [InlineData("${A ")]
    [InlineData("${A/#/")]
    [InlineData("'\"")]
    public void A_long_broken_command_takes_no_longer_than_a_long_good_one(string piece)
    {
        var command = string.Concat(Enumerable.Repeat(piece, 200_000));
        Assert.NotEmpty(CommandLine.Expand(command, Values));
    }
}
