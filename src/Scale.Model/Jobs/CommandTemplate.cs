using System.Text;

namespace Scale.Model.Jobs;

/// <summary>
/// A manifest's command taken apart (job-types-and-seed.md §8.3): quoting is resolved here, before any value is known, so that
/// no value can ever be read as quoting or as another expansion.
/// </summary>
internal sealed class CommandTemplate
{
    private readonly string command;
    private readonly List<CommandPart> parts = [];
    private readonly StringBuilder literal = new();
    private int endWithoutBrace = -1;

    private CommandTemplate(string command) => this.command = command;

    public IReadOnlyList<CommandPart> Parts => parts;

    /// <summary>False when a quote or <c>${</c> does not close; that text was taken literally.</summary>
    public bool IsBalanced { get; private set; } = true;

    public static CommandTemplate Parse(string command)
    {
        var template = new CommandTemplate(command);
        template.ParseUnquoted();
        template.FlushLiteral();
        return template;
    }

    private void ParseUnquoted()
    {
        var position = 0;
        while (position < command.Length)
        {
            var c = command[position];
            switch (c)
            {
                case ' ' or '\t' or '\n' or '\r':
                    Add(CommandPart.Blank);
                    position++;
                    break;
                case '\\' when position + 1 < command.Length && command[position + 1] == '\n':
                    position += 2;
                    break;
                case '\\' when position + 1 < command.Length:
                    literal.Append(command[position + 1]);
                    position += 2;
                    break;
                case '\'' when ClosingSingle(position, command.Length) is { } end:
                    AddQuotedText(command[(position + 1)..end]);
                    position = end + 1;
                    break;
                case '"' when ClosingDouble(position, command.Length) is { } end:
                    ParseQuoted(position + 1, end);
                    position = end + 1;
                    break;
                case '$' when ParseVariable(position, command.Length, quoted: false) is { } next:
                    position = next;
                    break;
                default:
                    IsBalanced &= c is not ('\'' or '"');
                    literal.Append(c);
                    position++;
                    break;
            }
        }
    }

    private void ParseQuoted(int position, int end)
    {
        if (position == end)
        {
            AddQuotedText("");
        }

        while (position < end)
        {
            var c = command[position];
            if (c == '\\' && position + 1 < end && command[position + 1] is '"' or '\\' or '$' or '`')
            {
                literal.Append(command[position + 1]);
                position += 2;
            }
            else if (c == '\\' && position + 1 < end && command[position + 1] == '\n')
            {
                position += 2;
            }
            else if (c == '$' && ParseVariable(position, end, quoted: true) is { } next)
            {
                position = next;
            }
            else
            {
                literal.Append(c);
                position++;
            }
        }
    }

    /// <summary>Position after <c>$NAME</c>, <c>${NAME}</c> or <c>${NAME/#/PREFIX}</c>; null when there is none of these.</summary>
    private int? ParseVariable(int dollar, int end, bool quoted)
    {
        var braced = dollar + 1 < end && command[dollar + 1] == '{';
        var start = dollar + (braced ? 2 : 1);
        var position = start;
        while (position < end && IsNamePart(command[position], braced, first: position == start))
        {
            position++;
        }

        var name = command[start..position];
        if (!braced)
        {
            return name.Length == 0 ? null : AddVariable(dollar, position, name, [], quoted);
        }

        if (name.Length > 0 && position < end && command[position] == '}')
        {
            return AddVariable(dollar, position + 1, name, [], quoted);
        }

        var prefixed = name.Length > 0 && string.CompareOrdinal(command, position, "/#/", 0, 3) == 0 && position + 3 <= end;
        if (endWithoutBrace == end || ParsePrefix(prefixed ? position + 3 : position, end, quoted) is not { } prefix)
        {
            // What follows up to this end has no closing brace either; remembering that keeps parsing linear.
            endWithoutBrace = end;
            IsBalanced = false;
            return null;
        }

        if (!prefixed)
        {
            // A form of the shell that is not ours, such as ${X:-1}: the program may know it.
            literal.Append(command, dollar, prefix.End - dollar);
            return prefix.End;
        }

        return AddVariable(dollar, prefix.End, name, prefix.Parts, quoted);
    }

    private (List<CommandPart> Parts, int End)? ParsePrefix(int position, int end, bool quoted)
    {
        var prefix = new List<CommandPart>();
        var text = new StringBuilder();
        void Flush()
        {
            if (text.Length > 0)
            {
                prefix.Add(CommandPart.Literal(text.ToString()));
                text.Clear();
            }
        }

        while (position < end)
        {
            var c = command[position];
            if (c == '}')
            {
                Flush();
                return (prefix, position + 1);
            }

            if (c == '\\' && position + 1 < end)
            {
                text.Append(command[position + 1]);
                position += 2;
            }
            else if (!quoted && c is ('\'' or '"') && command.IndexOf(c, position + 1, end - position - 1) is var close and > 0)
            {
                text.Append(command, position + 1, close - position - 1);
                position = close + 1;
            }
            else if (!quoted && c is ' ' or '\t' or '\n' or '\r')
            {
                Flush();
                prefix.Add(CommandPart.Blank);
                position++;
            }
            else
            {
                text.Append(c);
                position++;
            }
        }

        return null;
    }

    private int? ClosingSingle(int open, int end) => command.IndexOf('\'', open + 1, end - open - 1) is var close and > 0 ? close : null;

    private int? ClosingDouble(int open, int end)
    {
        for (var i = open + 1; i < end; i++)
        {
            if (command[i] == '"')
            {
                return i;
            }

            if (command[i] == '\\')
            {
                i++;
            }
        }

        return null;
    }

    private int AddVariable(int start, int end, string name, IReadOnlyList<CommandPart> prefix, bool quoted)
    {
        Add(CommandPart.Variable(name, prefix, quoted, command[start..end]));
        return end;
    }

    private void AddQuotedText(string text) => Add(CommandPart.Quoted(text));

    private void Add(CommandPart part)
    {
        FlushLiteral();
        parts.Add(part);
    }

    private void FlushLiteral()
    {
        if (literal.Length > 0)
        {
            parts.Add(CommandPart.Literal(literal.ToString()));
            literal.Clear();
        }
    }

    private static bool IsNamePart(char c, bool braced, bool first) =>
        char.IsAsciiLetter(c) || c == '_' || (char.IsAsciiDigit(c) && (braced || !first)) || (c == '-' && braced && !first);
}

/// <summary>A piece of a command: literal text, a word break, text that was quoted, or a name to expand.</summary>
internal sealed record CommandPart(CommandPartKind Kind, string Text, IReadOnlyList<CommandPart> Prefix, bool IsQuoted, string Raw)
{
    public static readonly CommandPart Blank = new(CommandPartKind.Blank, "", [], false, "");

    public static CommandPart Literal(string text) => new(CommandPartKind.Literal, text, [], false, text);

    public static CommandPart Quoted(string text) => new(CommandPartKind.Quoted, text, [], true, text);

    public static CommandPart Variable(string name, IReadOnlyList<CommandPart> prefix, bool isQuoted, string raw) =>
        new(CommandPartKind.Variable, name, prefix, isQuoted, raw);
}

internal enum CommandPartKind
{
    Literal,
    Blank,
    Quoted,
    Variable,
}
