namespace Scale.Examples.Imagery;

/// <summary>
/// The normalized difference of near infrared and red, NDVI, as a 16-bit grey picture: 0 is "no value" (cloud, or nothing measured), 1 to 65,535 stand for -1 to 1.
/// </summary>
internal static class VegetationIndex
{
    private const double VegetationFrom = 0.3;

    /// <param name="cloudLevel">Pixels brighter than this in both bands have no value.</param>
    public static void Run(string scenePath, double cloudLevel, string outputs)
    {
        var scene = PngReader.Read(scenePath);
        if (scene.Bands != 2)
        {
            throw new SceneException(SceneException.NotAScene, $"{scenePath} has {scene.Bands} bands; a scene has two, red and near infrared");
        }

        var index = new ushort[scene.Pixels];
        double sum = 0;
        int valid = 0, vegetation = 0;
        for (var pixel = 0; pixel < index.Length; pixel++)
        {
            int red = scene.Samples[2 * pixel], infrared = scene.Samples[(2 * pixel) + 1];
            if (red + infrared == 0 || (red > cloudLevel && infrared > cloudLevel))
            {
                continue;
            }

            var value = (double)(infrared - red) / (infrared + red);
            index[pixel] = Encode(value);
            sum += value;
            valid++;
            vegetation += value >= VegetationFrom ? 1 : 0;
        }

        var mean = valid == 0 ? 0 : Math.Round(sum / valid, 4);
        var fraction = valid == 0 ? 0 : Math.Round((double)vegetation / valid, 4);
        PngWriter.Write(Outputs.Path(outputs, scenePath, "_index.png"), new Raster(scene.Width, scene.Height, 1, 16, index));
        Console.WriteLine($"mean index {mean}, vegetation {fraction:P1} of {valid} pixels");
        Outputs.WriteJson(outputs, json =>
        {
            json.WriteNumber("mean_index", mean);
            json.WriteNumber("vegetation_fraction", fraction);
        });
    }

    public static ushort Encode(double value) => (ushort)(1 + Math.Round((Math.Clamp(value, -1, 1) + 1) / 2 * 65534));

    /// <returns>-1 to 1; the sample must not be 0.</returns>
    public static double Decode(ushort sample) => ((sample - 1) / 65534.0 * 2) - 1;
}
