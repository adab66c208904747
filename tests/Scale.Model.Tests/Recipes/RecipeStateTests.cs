using Scale.Model.Jobs;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class RecipeStateTests
{
    private static readonly NodeState There = new() { Exists = true };

    [Theory]
    [InlineData("CC", RecipeState.Completed, true)]
    [InlineData("", RecipeState.Creating)]
    [InlineData("QP", RecipeState.Running)]
    [InlineData("RFB", RecipeState.Running)]
    [InlineData("FB", RecipeState.Failed)]
    [InlineData("FX", RecipeState.Failed)]
    [InlineData("CXB", RecipeState.Canceled)]
    [InlineData("Ce.", RecipeState.Blocked)]
    [InlineData("BB", RecipeState.Blocked)]
    [InlineData("Cb", RecipeState.Blocked)]
    [InlineData("PPs", RecipeState.Waiting)]
    public void One_word_says_how_a_recipe_is_doing(string nodes, RecipeState state, bool isCompleted = false) =>
        Assert.Equal(state, RecipeStates.Of(isCompleted, false, false, nodes, true, NodeStates.Count(nodes)));

    [Fact]
    public void Supersession_containers_and_refusals_count_too()
    {
        Assert.Equal(RecipeState.Superseded, RecipeStates.Of(false, true, false, "FX", true, NodeStates.Count("FX")));
        Assert.Equal(RecipeState.Completed, RecipeStates.Of(true, true, false, "C", true, NodeStates.Count("C")));
        Assert.Equal(RecipeState.Waiting, RecipeStates.Of(false, false, true, "", true, JobCounts.Zero));
        Assert.Equal(RecipeState.Canceled, RecipeStates.Of(false, false, true, "c", false, JobCounts.Zero));
    }

    [Fact]
    public void Names_are_found_again()
    {
        Assert.All(Enum.GetValues<RecipeState>(), s => Assert.Equal(s, RecipeStates.Find(s.NameOf())));
        Assert.Null(RecipeStates.Find("Running"));
    }

    [Fact]
    public void Absent_nodes_name_what_decides_over_them()
    {
        var graph = new GraphBuilder().Job("a").Condition("c", "a").Job("yes", "c").Job("no", "!c").Job("after", "no", "yes").Job("free", "a").Build();
        Assert.Equal(
            ["yes waits: condition 'c' is not decided yet", "no waits: condition 'c' is not decided yet", "after waits: 'no' before it does not exist yet"],
            Explain(graph, There, There, default, default, default, There));
        Assert.Equal(
            ["no pruned: condition 'c' was accepted", "after pruned: 'no' before it will never exist"],
            Explain(graph, There, There with { IsProcessed = true, IsAccepted = true }, There, default, default, There));
        Assert.Equal("yes pruned: condition 'c' was not accepted", Explain(graph, There, There with { IsProcessed = true }, default, There, default, There)[0]);
        Assert.Equal("yes waits: condition 'c' can't be decided", Explain(graph, There, There with { HasError = true }, default, default, default, There)[0]);
        Assert.Equal("a waits: the recipe is not evaluated yet", Explain(graph, new NodeState[6])[0]);
    }

    private static List<string> Explain(RecipeGraph graph, params NodeState[] states) =>
        [.. AbsentNodes.Explain(graph, states).Select(a => $"{a.Node.Name} {(a.IsPruned ? "pruned" : "waits")}: {a.Reason}")];
}
