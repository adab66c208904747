using System.Buffers;

namespace Scale.Model.Data;

/// <summary>Names of interface parameters: letters, digits, <c>_</c>, <c>-</c> and the blanks of v5-age interfaces (batches-and-datasets.md §4.2).</summary>
public static class ParameterName
{
    public const int MaxLength = 255;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- ");

    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && !name.AsSpan().ContainsAnyExcept(Allowed);
}
