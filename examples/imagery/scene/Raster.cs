namespace Scale.Examples.Imagery;

/// <summary>
/// A picture of 1 to 4 bands, sample by sample: band <c>b</c> of pixel (<c>x</c>, <c>y</c>) is <c>Samples[(y * Width + x) * Bands + b]</c>.
/// </summary>
/// <param name="BitDepth">8 or 16; samples range from 0 to <see cref="Maximum"/>.</param>
internal sealed record Raster(int Width, int Height, int Bands, int BitDepth, ushort[] Samples)
{
    public int Maximum => (1 << BitDepth) - 1;

    public int Pixels => Width * Height;
}

/// <summary>A file that can't be used; <see cref="ExitCode"/> is one of those that the manifests declare.</summary>
internal sealed class SceneException(int exitCode, string message) : Exception(message)
{
    /// <summary>Not a picture, or damaged: error <c>unreadable</c>.</summary>
    public const int Unreadable = 3;

    /// <summary>A good picture, but not of the bands that are needed: error <c>not-a-scene</c>.</summary>
    public const int NotAScene = 4;

    public int ExitCode { get; } = exitCode;
}
