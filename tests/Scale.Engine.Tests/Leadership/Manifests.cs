using Scale.Engine.Tests.Recipes;

namespace Scale.Engine.Tests.Leadership;

/// <summary>Manifests for jobs outside of recipes.</summary>
internal static class Manifests
{
    /// <summary>No input, one file <c>OUT</c>.</summary>
    public static string NoInput(string name) => Definitions.Manifest(name, inputs: "{}");

    /// <summary>No input, one file <c>OUT</c>, and these scalar resources.</summary>
    public static string Needing(string name, params (string Name, double Value)[] resources)
    {
        var scalars = string.Join(',', resources.Select(r => $$"""{"name":"{{r.Name}}","value":{{r.Value}}}"""));
        return NoInput(name).Replace("\"timeout\":60", $"\"timeout\":60,\"resources\":{{\"scalar\":[{scalars}]}}", StringComparison.Ordinal);
    }
}
