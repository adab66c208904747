using Scale.Model.Documents;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class RecipeCheckTests
{
    private const string Scene = """{"files":[{"name":"IN","media_types":["image/tiff"]}]}""";

    private static readonly TestCatalog Catalog = new TestCatalog()
        .Job("cutter", Scene, """{"files":[{"name":"TILES","media_types":["image/png"],"multiple":true,"required":false}],"json":[{"name":"N","type":"integer"}]}""", revision: 4)
        .Job("report-empty", Scene)
        .Job("png", """{"files":[{"name":"A","media_types":["image/png"]}]}""")
        .Job("maybe", """{"files":[{"name":"A","required":false}]}""")
        .Job("many", """{"files":[{"name":"A","multiple":true}]}""")
        .Job("number", """{"json":[{"name":"A","type":"number"}]}""")
        .Recipe("scan-tiles", """{"input":{"files":[{"name":"TILES","multiple":true}]}}""", revision: 2)
        .Recipe("empty", "{}");

    private static string JobType(string name, int revision = 1) => RecipeJson.Job(name, revision);

    private static string RecipeType(string name, int revision = 1) => RecipeJson.Recipe(name, revision);

    /// <summary>A recipe of node cut, node x and more.</summary>
    private static (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(string dependencies, string input, string type, params string[] more) =>
        RecipeJson.Read(RecipeJson.Definition(
            """{"files":[{"name":"S","media_types":["image/tiff"]},{"name":"O","required":false}]}""",
            [RecipeJson.Node("cut", JobType("cutter", 4), "", "IN=S"), RecipeJson.Node("x", type, dependencies, input), .. more])).Check(Catalog);

    private static void AssertError(string text, (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) found)
    {
        var error = Assert.Single(found.Errors);
        Assert.Equal("NODE_INTERFACE", error.Name);
        Assert.Contains("'x'", error.Description);
        Assert.Contains(text, error.Description);
    }

    [Fact]
    public void The_example_of_the_contract_is_sound()
    {
        var (errors, warnings) = RecipeJson.Read(RecipeDefinitionTests.Example).Check(Catalog, "tile-scene");
        Assert.Empty(errors);
        Assert.Empty(warnings);
    }

    [Fact]
    public void Pinned_revisions_must_exist()
    {
        Assert.Equal("JOB_TYPE_DOES_NOT_EXIST", Assert.Single(Check("", "", JobType("gone")).Errors).Name);
        Assert.Equal("JOB_TYPE_DOES_NOT_EXIST", Assert.Single(Check("", "", JobType("png", 9)).Errors).Name);
        Assert.Equal("RECIPE_TYPE_DOES_NOT_EXIST", Assert.Single(Check("", "", RecipeType("gone")).Errors).Name);
        Assert.Equal("RECIPE_TYPE_DOES_NOT_EXIST", Assert.Single(Check("", "", RecipeType("empty", 9)).Errors).Name);
    }

    [Fact]
    public void Lookups_come_before_interfaces_and_nothing_is_judged_by_what_is_unknown()
    {
        Assert.Equal(["JOB_TYPE_DOES_NOT_EXIST", "NODE_INTERFACE"], Check("", "", JobType("png"), RecipeJson.Node("y", JobType("png"), "z", "A=z.Q"), RecipeJson.Node("z", JobType("gone"))).Errors.Select(e => e.Name));
    }

    [Fact]
    public void Required_inputs_must_be_connected()
    {
        AssertError("'A' is required", Check("", "", JobType("png")));
        Assert.Empty(Check("", "", JobType("maybe")).Errors);
    }

    [Fact]
    public void Connections_follow_the_rules_of_interfaces()
    {
        AssertError("is optional", Check("", "A=O", JobType("png")));
        AssertError("one file", Check("cut", "A=cut.TILES", JobType("maybe")));
        AssertError("not integer", Check("cut", "A=cut.N", JobType("number")));
        AssertError("not JSON", Check("cut", "A=cut.N", JobType("maybe")));
        AssertError("no output 'Q'", Check("cut", "A=cut.Q", JobType("maybe")));
        Assert.Equal("MISMATCHED_MEDIA_TYPES", Assert.Single(Check("", "A=S", JobType("png")).Warnings).Name);
        Assert.Empty(Check("", "A=S", JobType("many")).Warnings);
    }

    [Fact]
    public void Values_nobody_takes_are_dropped_silently()
    {
        var (errors, warnings) = Check("", "A=S", RecipeType("empty"));
        Assert.Empty(errors);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_connection_needs_a_path_of_dependencies()
    {
        AssertError("without depending on it", Check("", "A=cut.TILES", JobType("maybe")));
        AssertError("one file", Check("m", "A=cut.TILES", JobType("maybe"), RecipeJson.Node("m", RecipeType("empty"), "cut")));
    }

    [Theory]
    [InlineData("true", "c", true)]
    [InlineData("true", "!c", false)]
    [InlineData("false", "c", false)]
    public void What_an_accepting_condition_filters_is_there(string all, string dependency, bool sound)
    {
        var filter = """{"all":ALL,"filters":[{"name":"T","type":"filename","condition":"contains","values":["x"]}]}""".Replace("ALL", all);
        var condition = RecipeJson.Node("c", RecipeJson.Condition("""{"files":[{"name":"T","required":false,"multiple":true}]}""", filter), "cut", "T=cut.TILES");
        Assert.Equal(sound, Check(dependency, "A=c.T", JobType("many"), condition).Errors.Count == 0);
        Assert.Equal(sound, Check("m", "A=c.T", JobType("many"), condition, RecipeJson.Node("m", RecipeType("empty"), dependency)).Errors.Count == 0);
    }

    [Fact]
    public void A_recipe_type_must_not_contain_itself()
    {
        string Holding(string name) => RecipeJson.Nodes(RecipeJson.Node("s", RecipeType(name)));
        var catalog = new TestCatalog().Recipe("own", "{}").Recipe("leaf", "{}")
            .Recipe("middle", "{}", revision: 1).Recipe("middle", Holding("own"), revision: 2).Recipe("top", Holding("middle"));
        var direct = Assert.Single(RecipeJson.Read(Holding("own")).Check(catalog, "own").Errors);
        Assert.Equal("RECURSIVE_SUBRECIPES", direct.Name);
        Assert.Contains("found in recipe type 'own'", direct.Description);
        var deep = Assert.Single(RecipeJson.Read(Holding("top")).Check(catalog, "own").Errors);
        Assert.Contains("found in recipe type 'middle'", deep.Description);
        Assert.Empty(RecipeJson.Read(Holding("leaf")).Check(catalog, "own").Errors);
        Assert.Empty(RecipeJson.Read(Holding("top")).Check(catalog).Errors);
    }
}
