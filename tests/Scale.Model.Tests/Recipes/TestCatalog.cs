using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

/// <summary>Job types and recipe types by name; every job type has version 1.0.0 and the revisions it was given.</summary>
internal sealed class TestCatalog : IRecipeCatalog
{
    private readonly Dictionary<(string Name, int Revision), SeedManifest> jobTypes = [];
    private readonly Dictionary<(string Name, int Revision), RecipeDefinition> recipeTypes = [];

    /// <param name="inputs">Interface JSON.</param>
    /// <param name="outputs">Interface JSON; a file's media type is its first.</param>
    public TestCatalog Job(string name, string inputs = "{}", string outputs = "{}", int revision = 1)
    {
        jobTypes[(name, revision)] = Manifest(name, Interface(inputs), Interface(outputs));
        return this;
    }

    public TestCatalog Recipe(string name, string definition, int revision = 1)
    {
        recipeTypes[(name, revision)] = RecipeDefinition.Parse(JsonElement.Parse(definition)).Required();
        return this;
    }

    public SeedManifest? JobType(string name, string version, int revision) => version == "1.0.0" ? jobTypes.GetValueOrDefault((name, revision)) : null;

    public int? CurrentJobTypeRevision(string name, string version) =>
        version == "1.0.0" && jobTypes.Keys.Where(k => k.Name == name).Select(k => k.Revision).DefaultIfEmpty().Max() is > 0 and var revision ? revision : null;

    public RecipeDefinition? RecipeType(string name, int revision) => recipeTypes.GetValueOrDefault((name, revision));

    public RecipeDefinition? LatestRecipeType(string name) =>
        recipeTypes.Where(r => r.Key.Name == name).OrderByDescending(r => r.Key.Revision).Select(r => r.Value).FirstOrDefault();

    private static DataInterface Interface(string text) => DataInterface.Parse(JsonElement.Parse(text)).Required();

    private static SeedManifest Manifest(string name, DataInterface inputs, DataInterface outputs) => new()
    {
        Name = name,
        JobVersion = "1.0.0",
        PackageVersion = "1.0.0",
        Title = name,
        Description = "",
        Tags = [],
        Maintainer = new SeedMaintainer("Ada", "ada@example.org", null, null, null),
        Timeout = 60,
        Command = "",
        FileInputs = inputs.Files.Select(f => new SeedFileInput(f.Name, f.Required, f.MediaTypes, f.Multiple, Partial: false)).ToList(),
        JsonInputs = inputs.Json.Select(j => new SeedJsonInput(j.Name, j.Type, j.Required)).ToList(),
        FileOutputs = outputs.Files.Select(f => new SeedFileOutput(f.Name, "*", f.MediaTypes.FirstOrDefault("x/y"), f.Multiple, f.Required)).ToList(),
        JsonOutputs = outputs.Json.Select(j => new SeedJsonOutput(j.Name, j.Type, j.Name, j.Required)).ToList(),
        Mounts = [],
        Settings = [],
        Resources = [],
        Errors = [],
        NormalForm = "{}",
    };
}
