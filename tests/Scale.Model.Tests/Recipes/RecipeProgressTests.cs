using System.Collections.Immutable;
using Scale.Model.Jobs;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class RecipeProgressTests
{
    private static readonly NodeState Absent = default;
    private static readonly NodeState SubPending = new() { Exists = true };
    private static readonly NodeState SubDone = new() { Exists = true, HasInput = true, IsCompleted = true };
    private static readonly NodeState Undecided = new() { Exists = true };
    private static readonly NodeState Accepted = new() { Exists = true, IsProcessed = true, IsAccepted = true };
    private static readonly NodeState Rejected = new() { Exists = true, IsProcessed = true };
    private static readonly NodeState Broken = new() { Exists = true, HasError = true };

    private static NodeState Job(JobStatus status) =>
        new() { Exists = true, Status = status, ExecutionCount = status is JobStatus.Pending or JobStatus.Blocked ? 0 : 1 };

    private static RecipeStep Advance(GraphBuilder builder, params NodeState[] states) => RecipeProgress.Advance(builder.Build(), true, states);

    private static GraphBuilder Chain => new GraphBuilder().Job("a").Job("b", "a").Job("c", "b");

    [Fact]
    public void All_jobs_are_created_at_once_and_only_roots_are_queued()
    {
        var step = Advance(Chain, Absent, Absent, Absent);
        Assert.Equal([0, 1, 2], step.Create);
        Assert.Equal([0], step.Queue);
        Assert.False(step.IsDone);
    }

    [Fact]
    public void Nothing_is_ready_before_the_recipe_has_input()
    {
        var step = RecipeProgress.Advance(Chain.Build(), false, [Absent, Absent, Absent]);
        Assert.Equal([0, 1, 2], step.Create);
        Assert.Empty(step.Queue);
    }

    [Fact]
    public void A_job_is_queued_when_all_its_parents_completed()
    {
        var diamond = new GraphBuilder().Job("a").Job("b").Job("c", "a", "b");
        Assert.Empty(Advance(diamond, Job(JobStatus.Completed), Job(JobStatus.Running), Job(JobStatus.Pending)).Queue);
        Assert.Equal([2], Advance(diamond, Job(JobStatus.Completed), Job(JobStatus.Completed), Job(JobStatus.Pending)).Queue);
    }

    [Theory]
    [InlineData(JobStatus.Failed)]
    [InlineData(JobStatus.Canceled)]
    public void A_failed_job_blocks_everything_behind_it_until_it_is_queued_again(JobStatus status)
    {
        var blocked = Advance(Chain, Job(status), Job(JobStatus.Pending), Job(JobStatus.Pending));
        Assert.Equal([1, 2], blocked.Block);
        Assert.False(blocked.IsDone);
        var freed = Advance(Chain, Job(JobStatus.Queued), Job(JobStatus.Blocked), Job(JobStatus.Blocked));
        Assert.Equal([1, 2], freed.Unblock);
    }

    [Fact]
    public void Jobs_that_ran_are_never_blocked()
    {
        var requeued = new NodeState { Exists = true, Status = JobStatus.Pending, ExecutionCount = 1 };
        var step = Advance(Chain, Job(JobStatus.Failed), requeued, Job(JobStatus.Running));
        Assert.Empty(step.Block);
        Assert.Empty(step.Queue);
    }

    [Fact]
    public void A_blocked_job_whose_parents_completed_is_queued_and_not_unblocked()
    {
        var step = Advance(Chain, Job(JobStatus.Failed), Job(JobStatus.Completed), Job(JobStatus.Blocked));
        Assert.Equal([2], step.Queue);
        Assert.Empty(step.Block);
        Assert.Empty(step.Unblock);
    }

    [Fact]
    public void Nodes_made_behind_a_failed_job_start_blocked()
    {
        var step = Advance(Chain, Job(JobStatus.Failed), Absent, Absent);
        Assert.Equal([1, 2], step.Create);
        Assert.Equal([1, 2], step.CreateBlocked);
    }

    [Fact]
    public void Nodes_behind_an_undecided_condition_wait()
    {
        var gated = new GraphBuilder().Job("a").Condition("c", "a").Job("b", "c").Job("d", "b");
        var step = Advance(gated, Absent, Absent, Absent, Absent);
        Assert.Equal([0, 1], step.Create);
        Assert.False(step.IsDone);
        var decide = Advance(gated, Job(JobStatus.Completed), Undecided, Absent, Absent);
        Assert.Equal([1], decide.Decide);
        Assert.Empty(decide.Create);
    }

    [Fact]
    public void A_decided_condition_opens_one_branch_and_prunes_the_other_with_its_descendants()
    {
        var fork = new GraphBuilder().Job("a").Condition("c", "a").Job("yes", "c").Job("no", "!c").Job("after", "yes", "a").Job("other", "no", "a");
        var accepted = Advance(fork, Job(JobStatus.Completed), Accepted, Absent, Absent, Absent, Absent);
        Assert.Equal([2, 4], accepted.Create);
        Assert.Equal([2], accepted.Queue);
        Assert.Equal([3, 5], accepted.Pruned);
        var rejected = Advance(fork, Job(JobStatus.Completed), Rejected, Absent, Absent, Absent, Absent);
        Assert.Equal([3, 5], rejected.Create);
        Assert.Equal([3], rejected.Queue);
        Assert.Equal([2, 4], rejected.Pruned);
    }

    [Fact]
    public void A_condition_behind_a_pruned_node_is_pruned()
    {
        var step = Advance(new GraphBuilder().Condition("c").Job("a", "c").Condition("d", "a").Job("b", "!d"), Rejected, Absent, Absent, Absent);
        Assert.Equal([1, 2, 3], step.Pruned);
        Assert.True(step.IsDone);
    }

    [Fact]
    public void A_closed_gate_wins_over_an_undecided_one()
    {
        var step = Advance(new GraphBuilder().Condition("c").Condition("d").Job("a", "c", "d"), Rejected, Broken, Absent);
        Assert.Equal([2], step.Pruned);
    }

    [Fact]
    public void Acceptance_of_a_job_means_nothing()
    {
        var step = Advance(new GraphBuilder().Job("a").Job("b", "!a"), Job(JobStatus.Completed), Absent);
        Assert.Equal([1], step.Create);
        Assert.Equal([1], step.Queue);
    }

    [Fact]
    public void A_condition_in_error_is_not_decided_again_and_blocks()
    {
        var gated = new GraphBuilder().Condition("c").Job("b", "c");
        var step = Advance(gated, Broken, Absent);
        Assert.Empty(step.Decide);
        Assert.False(step.IsDone);
        Assert.Equal([1], Advance(gated, Broken, Job(JobStatus.Pending)).Block);
    }

    [Fact]
    public void A_sub_recipe_is_made_at_once_gets_its_input_once_and_holds_its_children()
    {
        var sub = new GraphBuilder().Job("a").Recipe("s", "a").Job("b", "s");
        Assert.Equal([0, 1, 2], Advance(sub, Absent, Absent, Absent).Create);
        Assert.Equal([1], Advance(sub, Job(JobStatus.Completed), SubPending, Job(JobStatus.Pending)).GiveInput);
        var given = SubPending with { HasInput = true };
        Assert.Empty(Advance(sub, Job(JobStatus.Completed), given, Job(JobStatus.Pending)).GiveInput);
        Assert.Equal([2], Advance(sub, Job(JobStatus.Completed), SubDone, Job(JobStatus.Pending)).Queue);
        Assert.Equal([2], Advance(sub, Job(JobStatus.Completed), given with { Blocks = true }, Job(JobStatus.Pending)).Block);
    }

    [Fact]
    public void A_new_sub_recipe_or_condition_that_is_ready_is_started_too()
    {
        var step = Advance(new GraphBuilder().Recipe("s").Condition("c"), Absent, Absent);
        Assert.Equal([0], step.GiveInput);
        Assert.Equal([1], step.Decide);
    }

    [Fact]
    public void Blocking_passes_through_conditions_and_nodes_that_do_not_exist()
    {
        var step = Advance(new GraphBuilder().Job("a").Condition("c", "a").Job("b", "c").Job("d", "b"), Job(JobStatus.Failed), Undecided, Absent, Job(JobStatus.Pending));
        Assert.Equal([3], step.Block);
    }

    [Fact]
    public void A_recipe_is_done_when_every_node_ended_well()
    {
        Assert.True(Advance(Chain, Job(JobStatus.Completed), Job(JobStatus.Completed), Job(JobStatus.Completed)).IsDone);
        Assert.False(Advance(Chain, Job(JobStatus.Completed), Job(JobStatus.Completed), Job(JobStatus.Failed)).IsDone);
        Assert.True(Advance(new GraphBuilder()).IsDone);
        Assert.False(RecipeProgress.Advance(new GraphBuilder().Build(), false, []).IsDone);
    }

    [Fact]
    public void A_state_per_node_is_needed() =>
        Assert.Throws<ArgumentException>(() => RecipeProgress.Advance(Chain.Build(), true, new NodeState[2]));

    [Fact]
    public void Graphs_larger_than_the_stack_buffer_are_evaluated_alike()
    {
        var builder = new GraphBuilder().Job("0");
        for (var i = 1; i < 1000; i++)
        {
            builder.Job($"{i}", $"{i - 1}");
        }

        var step = Advance(builder, [Job(JobStatus.Failed), .. Enumerable.Repeat(Job(JobStatus.Pending), 999)]);
        Assert.Equal(Enumerable.Range(1, 999), step.Block);
    }

    [Fact]
    public void Steps_that_change_nothing_are_shared()
    {
        var running = new[] { Job(JobStatus.Running), Job(JobStatus.Pending), Job(JobStatus.Pending) };
        Assert.Same(Advance(Chain, running), Advance(Chain, running));
    }
}
