using System.Buffers.Binary;
using System.Text;
using Scale.Model.JobTypes;

namespace Scale.Store.JobTypes;

/// <summary>
/// A text that sorts as the SemVer precedence of a version does, in any collation: it holds hexadecimal digits only.
/// Texts that are no SemVer sort as 0.0.0 (job-types-and-seed.md §3.2).
/// </summary>
public static class VersionOrder
{
    private const byte EndOfPreRelease = 0;
    private const byte PreRelease = 1;
    private const byte NumericIdentifier = 2;
    private const byte TextIdentifier = 3;
    private const byte Release = 0xff;

    public static string Of(string version)
    {
        var known = SemanticVersion.IsValid(version) ? version : "0.0.0";
        var withoutBuild = known.Split('+')[0];
        var dash = withoutBuild.IndexOf('-', StringComparison.Ordinal);
        var bytes = new List<byte>();
        foreach (var number in (dash < 0 ? withoutBuild : withoutBuild[..dash]).Split('.'))
        {
            AddNumber(bytes, number);
        }

        if (dash < 0)
        {
            bytes.Add(Release);
        }
        else
        {
            AddPreRelease(bytes, withoutBuild[(dash + 1)..]);
        }

        return Convert.ToHexStringLower([.. bytes]);
    }

    private static void AddPreRelease(List<byte> bytes, string preRelease)
    {
        bytes.Add(PreRelease);
        foreach (var identifier in preRelease.Split('.'))
        {
            if (identifier.All(char.IsAsciiDigit))
            {
                bytes.Add(NumericIdentifier);
                AddNumber(bytes, identifier);
            }
            else
            {
                bytes.Add(TextIdentifier);
                bytes.AddRange(Encoding.ASCII.GetBytes(identifier));
                bytes.Add(0);
            }
        }

        bytes.Add(EndOfPreRelease);
    }

    /// <summary>Digits behind their count: SemVer allows no leading zeros, so a longer number is a larger one.</summary>
    private static void AddNumber(List<byte> bytes, string digits)
    {
        Span<byte> count = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(count, (ushort)Math.Min(digits.Length, ushort.MaxValue));
        bytes.AddRange(count);
        bytes.AddRange(Encoding.ASCII.GetBytes(digits));
    }
}
