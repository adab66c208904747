namespace Scale.Examples.Imagery;

/// <summary>
/// Made-up scenes of 256 x 256 pixels, two bands of 8 bits: fields and forest, a river, bare ground, clouds. The same number always gives the same scene.
/// </summary>
internal static class SampleScenes
{
    private const int Side = 256;

    /// <summary>Makes <c>scene-0001.png</c> to <c>scene-{count}.png</c>; those that exist stay as they are.</summary>
    public static void Generate(int count, string folder)
    {
        Directory.CreateDirectory(folder);
        Parallel.For(1, count + 1, number =>
        {
            var path = Path.Combine(folder, $"scene-{number:0000}.png");
            if (!File.Exists(path))
            {
                PngWriter.Write(path, Make(number));
            }
        });
    }

    private static Raster Make(int number)
    {
        var ground = new Noise((uint)number * 3, 48);
        var detail = new Noise(((uint)number * 3) + 1, 12);
        var sky = new Noise(((uint)number * 3) + 2, 80);
        // From dry to lush and from clear to half covered, by number.
        var lushness = (number * 37 % 100 / 100.0) - 0.35;
        var cover = 0.95 - (number * 53 % 100 / 100.0 * 0.5);
        var samples = new ushort[Side * Side * 2];
        for (var y = 0; y < Side; y++)
        {
            var riverAt = (Side / 2) + (Math.Sin((y / 40.0) + number) * 50);
            for (var x = 0; x < Side; x++)
            {
                var green = Math.Clamp(ground.At(x, y) + (0.3 * detail.At(x, y)) - 0.15 + lushness, 0, 1);
                var (red, infrared) = Math.Abs(x - riverAt) < 7 + (number % 5) ? (28.0, 14.0) : (120 - (85 * green), 125 + (70 * green));
                var cloud = Math.Clamp((sky.At(x, y) - cover) * 8, 0, 1);
                var grain = detail.Grain(x, y) * 6;
                samples[((y * Side) + x) * 2] = Level(red, cloud, grain);
                samples[(((y * Side) + x) * 2) + 1] = Level(infrared, cloud, grain);
            }
        }

        return new Raster(Side, Side, 2, 8, samples);
    }

    private static ushort Level(double value, double cloud, double grain) => (ushort)Math.Clamp(value + ((238 - value) * cloud) + grain, 1, 255);
}

/// <summary>Smooth noise from 0 to 1 on a grid of <paramref name="cell"/> pixels.</summary>
internal sealed class Noise(uint seed, int cell)
{
    public double At(int x, int y)
    {
        int column = x / cell, row = y / cell;
        double right = Ease((double)(x % cell) / cell), down = Ease((double)(y % cell) / cell);
        var top = Mix(Point(column, row), Point(column + 1, row), right);
        var bottom = Mix(Point(column, row + 1), Point(column + 1, row + 1), right);
        return Mix(top, bottom, down);
    }

    /// <summary>-1 to 1, without any relation to the neighbours.</summary>
    public double Grain(int x, int y) => (Point(x + 7919, y + 104729) * 2) - 1;

    private static double Ease(double part) => part * part * (3 - (2 * part));

    private static double Mix(double a, double b, double part) => a + ((b - a) * part);

    private double Point(int x, int y)
    {
        var h = (uint)x * 0x85ebca6b ^ (uint)y * 0xc2b2ae35 ^ seed * 0x27d4eb2f;
        h = (h ^ (h >> 15)) * 0x2c1b3c6d;
        h = (h ^ (h >> 12)) * 0x297a2d39;
        return (h ^ (h >> 15)) / (double)uint.MaxValue;
    }
}
