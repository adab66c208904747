using Scale.Model.Jobs;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class NodeStatesTests
{
    private static readonly RecipeGraph Graph = new GraphBuilder().Job("a").Recipe("s", "a").Condition("c", "a").Job("b", "c").Build();

    private static NodeState Job(JobStatus status) => new() { Exists = true, Status = status };

    [Fact]
    public void A_recipe_is_one_character_per_node()
    {
        Assert.Equal("....", NodeStates.Encode(Graph, new NodeState[4]));
        Assert.Equal("Csc.", NodeStates.Encode(Graph, [Job(JobStatus.Completed), new() { Exists = true }, new() { Exists = true }, default]));
        Assert.Throws<ArgumentException>(() => NodeStates.Encode(Graph, new NodeState[3]));
    }

    [Theory]
    [InlineData(JobStatus.Pending, 'P')]
    [InlineData(JobStatus.Blocked, 'B')]
    [InlineData(JobStatus.Queued, 'Q')]
    [InlineData(JobStatus.Running, 'R')]
    [InlineData(JobStatus.Failed, 'F')]
    [InlineData(JobStatus.Completed, 'C')]
    [InlineData(JobStatus.Canceled, 'X')]
    public void Every_status_has_its_character(JobStatus status, char character)
    {
        Assert.Equal(character, NodeStates.CharOf(status));
        Assert.Equal(status, NodeStates.StatusOf(character));
        Assert.Equal(JobCounts.Of(status), NodeStates.Count(character.ToString()));
        Assert.Equal(1, JobCounts.Of(status)[status]);
    }

    [Fact]
    public void Unknown_characters_are_refused() => Assert.Throws<ArgumentException>(() => NodeStates.StatusOf('?'));

    [Fact]
    public void A_difference_tells_what_came_went_and_moved()
    {
        Assert.Equal(
            [new NodeStateChange(0, JobStatus.Running, JobStatus.Completed), new NodeStateChange(3, null, JobStatus.Pending)],
            NodeStates.Delta("Rsc.", "CscP"));
        Assert.Equal([new NodeStateChange(0, null, JobStatus.Queued)], NodeStates.Delta("", "Q.c."));
        Assert.Empty(NodeStates.Delta("Rsc.", "Rsc."));
        Assert.Empty(NodeStates.Delta("....", ".sc."));
        Assert.Throws<ArgumentException>(() => NodeStates.Delta("PP", "P"));
    }

    [Theory]
    [InlineData("PBQRFCX.scbe", "............")]
    [InlineData("..QF.", "C.CX.")]
    public void Counters_moved_by_a_difference_are_the_counted_ones(string old, string @new)
    {
        var counts = NodeStates.Count(old);
        foreach (var change in NodeStates.Delta(old, @new))
        {
            counts -= change.Old is { } before ? JobCounts.Of(before) : JobCounts.Zero;
            counts += change.New is { } after ? JobCounts.Of(after) : JobCounts.Zero;
        }

        Assert.Equal(NodeStates.Count(@new), counts);
    }

    [Fact]
    public void Counts_add_up()
    {
        var counts = NodeStates.Count("PPBQRFCCX");
        Assert.Equal(9, counts.Total);
        Assert.Equal(JobCounts.Zero, counts - counts);
    }

    [Theory]
    [InlineData("PQRC.sc", false)]
    [InlineData("CB", true)]
    [InlineData("CF", true)]
    [InlineData("CX", true)]
    [InlineData("Cb", true)]
    [InlineData("Ce", true)]
    [InlineData("", false)]
    public void A_recipe_blocks_when_anything_in_it_went_wrong(string states, bool blocks) => Assert.Equal(blocks, NodeStates.Block(states));

    [Theory]
    [InlineData("", true)]
    [InlineData("CXc.", true)]
    [InlineData("CB", false)]
    [InlineData("XP", false)]
    [InlineData("XQ", false)]
    [InlineData("XR", false)]
    [InlineData("XF", false)]
    [InlineData("Cs", false)]
    [InlineData("Cb", false)]
    [InlineData("Ce", false)]
    public void Jobs_have_ended_when_none_may_go_on_and_nothing_else_has_a_say(string states, bool haveEnded) => Assert.Equal(haveEnded, NodeStates.HaveEnded(states));

    [Fact]
    public void Sub_recipes_that_block_and_conditions_that_can_not_be_decided_are_told_apart() =>
        Assert.Equal("Cbe.", NodeStates.Encode(Graph, [Job(JobStatus.Completed), new() { Exists = true, HasError = true }, new() { Exists = true, HasError = true }, default]));

    [Fact]
    public void Nodes_are_found_by_name()
    {
        Assert.Equal(2, Graph.IndexOf("c"));
        Assert.Equal(-1, Graph.IndexOf("x"));
    }
}
