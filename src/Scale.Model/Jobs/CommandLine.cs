using System.Text;

namespace Scale.Model.Jobs;

/// <summary>What a name in a command stands for.</summary>
/// <param name="Text">Null when the name is declared but has no value.</param>
/// <param name="IsSplit">Whether the value, unquoted, is split into words; paths never are.</param>
public sealed record CommandValue(string? Text, bool IsSplit);

/// <summary>Expands a manifest's command to arguments, never by a shell (job-types-and-seed.md §8.3).</summary>
/// <remarks>
/// Quoting is resolved first and values are put in after, so no value is ever read as quoting, as a further expansion or as more
/// than words. Names that are not declared stay as written; declared names without value leave no argument.
/// </remarks>
public static class CommandLine
{
    /// <summary>The arguments; none for an empty command.</summary>
    /// <param name="values">What each declared name stands for; a name that is missing here is undeclared.</param>
    public static IReadOnlyList<string> Expand(string command, IReadOnlyDictionary<string, CommandValue> values)
    {
        var words = new Words();
        foreach (var part in CommandTemplate.Parse(command).Parts)
        {
            if (part.Kind == CommandPartKind.Variable)
            {
                AppendVariable(words, part, values);
            }
            else
            {
                AppendText(words, part);
            }
        }

        words.End();
        return words.Finished;
    }

    /// <summary>Whether every quote and <c>${</c> of the command is closed.</summary>
    public static bool IsBalanced(string command) => CommandTemplate.Parse(command).IsBalanced;

    /// <summary>The names that the command expands, each once in order.</summary>
    public static IReadOnlyList<string> NamesIn(string command) =>
        [.. CommandTemplate.Parse(command).Parts.Where(p => p.Kind == CommandPartKind.Variable).Select(p => p.Text).Distinct(StringComparer.Ordinal)];

    private static void AppendVariable(Words words, CommandPart part, IReadOnlyDictionary<string, CommandValue> values)
    {
        if (!values.TryGetValue(part.Text, out var value))
        {
            words.Append(part.Raw);
            return;
        }

        if (value.Text is null)
        {
            return;
        }

        foreach (var prefix in part.Prefix)
        {
            AppendText(words, prefix);
        }

        if (value.IsSplit && !part.IsQuoted)
        {
            words.AppendSplit(value.Text);
        }
        else
        {
            words.Append(value.Text);
            if (part.IsQuoted)
            {
                words.Keep();
            }
        }
    }

    private static void AppendText(Words words, CommandPart part)
    {
        switch (part.Kind)
        {
            case CommandPartKind.Blank:
                words.End();
                break;
            case CommandPartKind.Quoted:
                words.Append(part.Text);
                words.Keep();
                break;
            default:
                words.Append(part.Text);
                break;
        }
    }

    private sealed class Words
    {
        private readonly StringBuilder word = new();
        private bool kept;

        public List<string> Finished { get; } = [];

        public void Append(string text) => word.Append(text);

        /// <summary>Makes the current word an argument even if it is empty.</summary>
        public void Keep() => kept = true;

        public void AppendSplit(string text)
        {
            foreach (var c in text)
            {
                if (c is ' ' or '\t' or '\n' or '\r')
                {
                    End();
                }
                else
                {
                    word.Append(c);
                }
            }
        }

        public void End()
        {
            if (word.Length > 0 || kept)
            {
                Finished.Add(word.ToString());
                word.Clear();
                kept = false;
            }
        }
    }
}
