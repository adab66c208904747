namespace Scale.Examples.Imagery;

/// <summary>Looks whether a scene can be used: two bands (red, near infrared), its size, its mean, and how much of it is cloud.</summary>
internal static class SceneCheck
{
    public static void Run(string scenePath, string outputs)
    {
        var scene = PngReader.Read(scenePath);
        if (scene.Bands != 2)
        {
            throw new SceneException(SceneException.NotAScene, $"{scenePath} has {scene.Bands} bands; a scene has two, red and near infrared");
        }

        // Clouds are bright in both bands and nearly white; nothing on the ground is.
        var level = 0.7 * scene.Maximum;
        double sum = 0;
        var clouds = 0;
        for (var i = 0; i < scene.Samples.Length; i += 2)
        {
            int red = scene.Samples[i], infrared = scene.Samples[i + 1];
            sum += red + infrared;
            clouds += red > level && infrared > level ? 1 : 0;
        }

        var mean = Math.Round(sum / scene.Samples.Length, 3);
        var cloudFraction = Math.Round((double)clouds / scene.Pixels, 4);
        Console.WriteLine($"{scene.Width} x {scene.Height}, {scene.BitDepth} bits, mean {mean}, clouds {cloudFraction:P1}");
        Outputs.WriteJson(outputs, json =>
        {
            json.WriteNumber("width", scene.Width);
            json.WriteNumber("height", scene.Height);
            json.WriteNumber("mean", mean);
            json.WriteNumber("cloud_level", level);
            json.WriteNumber("cloud_fraction", cloudFraction);
        });
    }
}
