using Scale.Examples.Imagery;

// Each job type's manifest names one of these subcommands and what it is given. Exit codes: 0 well, 2 wrong arguments, 3 and 4 see SceneException.
try
{
    switch (args)
    {
        case ["check", var scene, var outputs]:
            SceneCheck.Run(scene, outputs);
            return 0;
        case ["index", var scene, var cloudLevel, var outputs]:
            VegetationIndex.Run(scene, Number("cloud level", cloudLevel), outputs);
            return 0;
        case ["quicklook", var index, var ramp, var outputs]:
            Quicklook.Run(index, ColorRamp.Named(ramp), outputs);
            return 0;
        case ["summary", var quicklook, var clouds, var vegetation, var valid, var outputs]:
            Summary.Run(quicklook, Number("cloud fraction", clouds), Number("vegetation fraction", vegetation), Number("valid fraction", valid), outputs);
            return 0;
        case ["generate", var count, var folder] when int.TryParse(count, out var scenes) && scenes >= 0:
            SampleScenes.Generate(scenes, folder);
            return 0;
        default:
            Console.Error.WriteLine("""
                usage: scene check SCENE OUTPUT_DIR
                       scene index SCENE CLOUD_LEVEL OUTPUT_DIR
                       scene quicklook INDEX meadow|heat OUTPUT_DIR
                       scene summary QUICKLOOK CLOUD_FRACTION VEGETATION_FRACTION VALID_FRACTION OUTPUT_DIR
                       scene generate COUNT FOLDER
                """);
            return 2;
    }
}
catch (SceneException e)
{
    Console.Error.WriteLine(e.Message);
    return e.ExitCode;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static double Number(string name, string text) =>
    double.TryParse(text, out var value) ? value : throw new ArgumentException($"The {name} must be a number, not '{text}'.");
