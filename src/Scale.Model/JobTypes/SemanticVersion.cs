using System.Numerics;
using System.Text.RegularExpressions;

namespace Scale.Model.JobTypes;

/// <summary>A SemVer 2 version, ordered by precedence; build metadata does not order.</summary>
public sealed partial class SemanticVersion : IComparable<SemanticVersion>
{
    private readonly BigInteger[] numbers;
    private readonly string[] preRelease;

    private SemanticVersion(BigInteger[] numbers, string[] preRelease)
    {
        this.numbers = numbers;
        this.preRelease = preRelease;
    }

    /// <summary>What a stored version that is no SemVer sorts as (job-types-and-seed.md §3.2).</summary>
    public static readonly SemanticVersion Zero = new([0, 0, 0], []);

    public static bool IsValid(string text) => Grammar().IsMatch(text);

    /// <summary>The version, or <see cref="Zero"/> for any other text.</summary>
    public static SemanticVersion ParseOrZero(string text)
    {
        var match = Grammar().Match(text);
        if (!match.Success)
        {
            return Zero;
        }

        var pre = match.Groups["pre"];
        return new SemanticVersion(
            [BigInteger.Parse(match.Groups["major"].ValueSpan), BigInteger.Parse(match.Groups["minor"].ValueSpan), BigInteger.Parse(match.Groups["patch"].ValueSpan)],
            pre.Success ? pre.Value.Split('.') : []);
    }

    /// <summary>Compares version texts by precedence, then by text, so that the order is total.</summary>
    public static readonly IComparer<string> TextOrder = Comparer<string>.Create((left, right) =>
    {
        var order = ParseOrZero(left).CompareTo(ParseOrZero(right));
        return order != 0 ? order : string.CompareOrdinal(left, right);
    });

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            var order = numbers[i].CompareTo(other.numbers[i]);
            if (order != 0)
            {
                return order;
            }
        }

        if (preRelease.Length == 0 || other.preRelease.Length == 0)
        {
            // A release is higher than its pre-releases.
            return (preRelease.Length == 0).CompareTo(other.preRelease.Length == 0);
        }

        for (var i = 0; i < Math.Min(preRelease.Length, other.preRelease.Length); i++)
        {
            var order = CompareIdentifiers(preRelease[i], other.preRelease[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return preRelease.Length.CompareTo(other.preRelease.Length);
    }

    private static int CompareIdentifiers(string left, string right)
    {
        var leftIsNumber = left.All(char.IsAsciiDigit);
        var rightIsNumber = right.All(char.IsAsciiDigit);
        if (leftIsNumber && rightIsNumber)
        {
            return BigInteger.Parse(left).CompareTo(BigInteger.Parse(right));
        }

        // Numeric identifiers are lower than others.
        return leftIsNumber ? -1 : rightIsNumber ? 1 : string.CompareOrdinal(left, right);
    }

    // The expression of semver.org, with \z for $.
    [GeneratedRegex(@"\A(?<major>0|[1-9][0-9]*)\.(?<minor>0|[1-9][0-9]*)\.(?<patch>0|[1-9][0-9]*)" +
        @"(?:-(?<pre>(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*))?" +
        @"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?\z")]
    private static partial Regex Grammar();
}
