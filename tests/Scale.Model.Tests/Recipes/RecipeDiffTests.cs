using Scale.Model.Recipes;
using static Scale.Model.Tests.Recipes.RecipeJson;

namespace Scale.Model.Tests.Recipes;

public class RecipeDiffTests
{
    private const string OneFile = """{"files":[{"name":"F"}]}""";
    private const string TwoFiles = """{"files":[{"name":"F"},{"name":"G"}]}""";
    private const string OptionalFile = """{"files":[{"name":"F"},{"name":"G","required":false}]}""";

    [Fact]
    public void Equal_definitions_copy_every_node()
    {
        var definition = Chain();
        var diff = RecipeDiff.Compute(definition, definition, ForcedNodes.None);
        Assert.True(diff.CanBeReprocessed);
        Assert.Equal(["a", "b", "c"], diff.Copy);
        Assert.Empty(diff.Supersede);
        Assert.All(diff.Nodes.Values, n => Assert.Equal(NodeChange.Unchanged, n.Status));
    }

    [Fact]
    public void A_changed_node_takes_its_descendants_with_it_and_nothing_else()
    {
        var diff = RecipeDiff.Compute(Chain(), Chain(revisionOfB: 2), ForcedNodes.None);
        Assert.Equal(["a"], diff.Copy);
        Assert.Equal(["b", "c"], diff.Supersede);
        Assert.Equal("JOB_TYPE_REVISION_CHANGE", Assert.Single(diff.Nodes["b"].Changes).Name);
        Assert.Equal("PARENT_CHANGED", Assert.Single(diff.Nodes["c"].Changes).Name);
    }

    [Theory]
    [InlineData("b", "b", "c")]
    [InlineData("c", "c")]
    [InlineData("a", "a", "b", "c")]
    public void Forcing_a_node_forces_its_descendants(string name, params string[] reprocessed)
    {
        var diff = RecipeDiff.Compute(Chain(), Chain(), ForcedNodes.None with { Nodes = [name] });
        Assert.Equal(reprocessed, diff.Nodes.Values.Where(n => n.ReprocessNewNode).Select(n => n.Name));
        Assert.Equal(reprocessed, diff.Supersede);
        Assert.All(diff.Nodes.Values, n => Assert.Equal(NodeChange.Unchanged, n.Status));
    }

    [Fact]
    public void A_new_required_input_can_not_be_reprocessed()
    {
        var diff = RecipeDiff.Compute(RecipeJson.Read(Definition(OneFile)), RecipeJson.Read(Definition(TwoFiles)), ForcedNodes.Everything);
        Assert.False(diff.CanBeReprocessed);
        Assert.Equal("INPUT_CHANGE", Assert.Single(diff.Reasons).Name);
        Assert.Empty(diff.Copy);
        Assert.DoesNotContain(diff.Nodes.Values, n => n.ReprocessNewNode);
    }

    [Fact]
    public void New_optional_and_removed_inputs_can_be_reprocessed()
    {
        Assert.True(RecipeDiff.Compute(RecipeJson.Read(Definition(OneFile)), RecipeJson.Read(Definition(OptionalFile)), ForcedNodes.None).CanBeReprocessed);
        Assert.True(RecipeDiff.Compute(RecipeJson.Read(Definition(TwoFiles)), RecipeJson.Read(Definition(OneFile)), ForcedNodes.None).CanBeReprocessed);
    }

    [Fact]
    public void New_and_deleted_nodes_are_told_apart_by_name()
    {
        var diff = RecipeDiff.Compute(RecipeJson.Read(Nodes(Node("a", Job("j")))), RecipeJson.Read(Nodes(Node("b", Job("j")))), ForcedNodes.None);
        Assert.Equal(NodeChange.Deleted, diff.Nodes["a"].Status);
        Assert.Equal(NodeChange.New, diff.Nodes["b"].Status);
        Assert.Equal(["a"], diff.Unpublish);
        Assert.Equal(["a"], diff.Supersede);
        Assert.Empty(diff.Nodes["b"].Changes);
    }

    public static TheoryData<string, string, string> Changes => new()
    {
        { Node("n", Job("j")), Node("n", Job("k")), "JOB_TYPE_CHANGE" },
        { Node("n", Job("j")), Node("n", Job("j").Replace("1.0.0", "2.0.0")), "JOB_TYPE_VERSION_CHANGE" },
        { Node("n", Job("j")), Node("n", Job("j", 2)), "JOB_TYPE_REVISION_CHANGE" },
        { Node("n", Recipe("r")), Node("n", Recipe("s")), "RECIPE_TYPE_CHANGE" },
        { Node("n", Recipe("r")), Node("n", Recipe("r", 2)), "RECIPE_TYPE_REVISION_CHANGE" },
        { Node("n", Job("j")), Node("n", Recipe("r")), "NODE_TYPE_CHANGE" },
        { Node("n", Condition()), Node("n", Condition("""{"json":[{"name":"J","type":"integer"}]}""")), "FILTER_CHANGE" },
        { Node("n", Condition()), Node("n", Condition(filter: """{"all":false}""")), "FILTER_CHANGE" },
        { Node("n", Job("j")), Node("n", Job("j"), "p"), "PARENT_NEW" },
        { Node("n", Job("j"), "p"), Node("n", Job("j")), "PARENT_REMOVED" },
        { Node("n", Job("j"), "q"), Node("n", Job("j"), "!q"), "PARENT_ACCEPTANCE_CHANGED" },
        { Node("n", Job("j")), Node("n", Job("j"), input: "IN=F"), "INPUT_NEW" },
        { Node("n", Job("j"), input: "IN=F"), Node("n", Job("j")), "INPUT_REMOVED" },
        { Node("n", Job("j"), input: "IN=F"), Node("n", Job("j"), input: "IN=G"), "INPUT_CHANGE" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Every_change_has_its_name(string before, string after, string name)
    {
        RecipeDefinition With(string node) => RecipeJson.Read(Definition(TwoFiles, Node("p", Job("j")), Node("q", Condition()), node));
        var diff = RecipeDiff.Compute(With(before), With(after), ForcedNodes.None);
        Assert.Equal(name, Assert.Single(diff.Nodes["n"].Changes).Name);
        Assert.Equal(NodeChange.Changed, diff.Nodes["n"].Status);
    }

    [Fact]
    public void Parameters_in_another_order_are_the_same_condition()
    {
        RecipeDefinition With(string first, string second) => RecipeJson.Read(Nodes(Node("c", Condition($$"""{"files":[{"name":"{{first}}"},{"name":"{{second}}"}]}"""))));
        Assert.Equal(["c"], RecipeDiff.Compute(With("a", "b"), With("b", "a"), ForcedNodes.None).Copy);
    }

    [Fact]
    public void Changes_come_in_the_order_of_type_parents_inputs()
    {
        var before = RecipeJson.Read(Definition(TwoFiles, Node("p", Job("j")), Node("n", Job("j"), "p", "IN=F")));
        var after = RecipeJson.Read(Definition(TwoFiles, Node("q", Job("j")), Node("n", Job("k", 2), "q", "OUT=G")));
        var names = RecipeDiff.Compute(before, after, ForcedNodes.None).Nodes["n"].Changes.Select(c => c.Name);
        Assert.Equal(["JOB_TYPE_CHANGE", "JOB_TYPE_REVISION_CHANGE", "PARENT_NEW", "PARENT_REMOVED", "INPUT_NEW", "INPUT_REMOVED"], names);
    }

    [Fact]
    public void A_sub_recipe_runs_in_full_behind_a_changed_parent_but_not_for_a_new_revision_of_its_own()
    {
        RecipeDefinition With(int job, int sub) => RecipeJson.Read(Nodes(Node("a", Job("j", job)), Node("s", Recipe("r", sub), "a")));
        Assert.Empty(RecipeDiff.Compute(With(1, 1), With(1, 2), ForcedNodes.None).Full);
        Assert.Equal(["s"], RecipeDiff.Compute(With(1, 1), With(2, 1), ForcedNodes.None).Full);
    }

    [Fact]
    public void The_document_shows_previous_values_only_where_they_changed()
    {
        var json = RecipeDiff.Compute(Chain(), Chain(revisionOfB: 2), ForcedNodes.None).ToJson();
        var changed = json["nodes"]!["b"]!;
        Assert.Equal("CHANGED", (string?)changed["status"]);
        Assert.Equal(1, (int?)changed["node_type"]!["prev_job_type_revision"]);
        Assert.Equal(2, (int?)changed["node_type"]!["job_type_revision"]);
        Assert.Null(changed["node_type"]!["prev_job_type_name"]);
        Assert.Equal("a", (string?)changed["dependencies"]![0]!["name"]);
        Assert.Equal("UNCHANGED", (string?)json["nodes"]!["a"]!["status"]);
    }

    [Fact]
    public void The_document_shows_the_kind_that_a_node_had_and_the_nodes_that_are_gone()
    {
        var json = RecipeDiff.Compute(RecipeJson.Read(Nodes(Node("n", Job("j")), Node("gone", Job("j")))), RecipeJson.Read(Nodes(Node("n", Recipe("r")))), ForcedNodes.None).ToJson();
        Assert.Equal("job", (string?)json["nodes"]!["n"]!["prev_node_type"]);
        Assert.Equal("DELETED", (string?)json["nodes"]!["gone"]!["status"]);
        Assert.Equal("j", (string?)json["nodes"]!["gone"]!["node_type"]!["job_type_name"]);
    }

    private static RecipeDefinition Chain(int revisionOfB = 1) =>
        RecipeJson.Read(Nodes(Node("a", Job("j")), Node("b", Job("j", revisionOfB), "a"), Node("c", Job("j"), "b")));
}
