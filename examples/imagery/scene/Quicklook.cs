namespace Scale.Examples.Imagery;

/// <summary>A coloured thumbnail of an index raster, at most 128 pixels wide and high; pixels without a value are white.</summary>
internal static class Quicklook
{
    private const int LargestSide = 128;

    public static void Run(string indexPath, ColorRamp ramp, string outputs)
    {
        var index = PngReader.Read(indexPath);
        if (index.Bands != 1 || index.BitDepth != 16)
        {
            throw new SceneException(SceneException.NotAScene, $"{indexPath} has {index.Bands} bands of {index.BitDepth} bits; an index has one of 16");
        }

        var step = Math.Max(1, (Math.Max(index.Width, index.Height) + LargestSide - 1) / LargestSide);
        int width = (index.Width + step - 1) / step, height = (index.Height + step - 1) / step;
        var picture = new ushort[width * height * 3];
        var valid = 0;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (mean, count) = Mean(index, x * step, y * step, step);
                valid += count;
                var (r, g, b) = count == 0 ? (255, 255, 255) : ramp.At(mean);
                var at = ((y * width) + x) * 3;
                (picture[at], picture[at + 1], picture[at + 2]) = ((ushort)r, (ushort)g, (ushort)b);
            }
        }

        var fraction = Math.Round((double)valid / index.Pixels, 4);
        PngWriter.Write(Outputs.Path(outputs, indexPath, "_quicklook.png"), new Raster(width, height, 3, 8, picture));
        Console.WriteLine($"{width} x {height}, ramp {ramp.Name}, {fraction:P1} of the pixels have a value");
        Outputs.WriteJson(outputs, json => json.WriteNumber("valid_fraction", fraction));
    }

    private static (double Mean, int Count) Mean(Raster index, int left, int top, int step)
    {
        double sum = 0;
        var count = 0;
        for (var y = top; y < Math.Min(top + step, index.Height); y++)
        {
            for (var x = left; x < Math.Min(left + step, index.Width); x++)
            {
                var sample = index.Samples[(y * index.Width) + x];
                if (sample != 0)
                {
                    sum += VegetationIndex.Decode(sample);
                    count++;
                }
            }
        }

        return (count == 0 ? 0 : sum / count, count);
    }
}
