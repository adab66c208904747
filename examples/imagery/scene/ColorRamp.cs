namespace Scale.Examples.Imagery;

/// <summary>Colours along the index from -1 to 1.</summary>
internal sealed class ColorRamp
{
    private static readonly ColorRamp Meadow = new("meadow", [(-1, 0x1b3a6b), (-0.1, 0x5b8fb9), (0, 0xd9c8a0), (0.2, 0xc7d36f), (0.5, 0x4f9d3a), (1, 0x0b4d1a)]);
    private static readonly ColorRamp Heat = new("heat", [(-1, 0x000004), (-0.1, 0x420a68), (0, 0x932667), (0.2, 0xdd513a), (0.5, 0xfca50a), (1, 0xfcffa4)]);

    private readonly (double Value, int Color)[] stops;

    private ColorRamp(string name, (double Value, int Color)[] stops)
    {
        Name = name;
        this.stops = stops;
    }

    public string Name { get; }

    /// <exception cref="ArgumentException">There is no such ramp.</exception>
    public static ColorRamp Named(string name) => name switch
    {
        "meadow" => Meadow,
        "heat" => Heat,
        _ => throw new ArgumentException($"There is no colour ramp '{name}', only 'meadow' and 'heat'."),
    };

    public (int Red, int Green, int Blue) At(double value)
    {
        var next = 1;
        while (next < stops.Length - 1 && value > stops[next].Value)
        {
            next++;
        }

        var (from, start) = stops[next - 1];
        var (to, end) = stops[next];
        var part = Math.Clamp((value - from) / (to - from), 0, 1);
        return (Mix(start, end, 16, part), Mix(start, end, 8, part), Mix(start, end, 0, part));
    }

    private static int Mix(int start, int end, int shift, double part)
    {
        int a = (start >> shift) & 255, b = (end >> shift) & 255;
        return (int)Math.Round(a + ((b - a) * part));
    }
}
