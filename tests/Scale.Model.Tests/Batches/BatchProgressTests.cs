using Scale.Model.Batches;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Batches;

public class BatchProgressTests
{
    private static readonly BatchCounts Done = new(IsCreationDone: true, IsPaused: false, IsCanceled: false, RecipesEstimated: 2, RecipesTotal: 2, RecipesCompleted: 0, JobCounts.Zero);

    [Fact]
    public void A_batch_whose_recipes_are_made_yet_is_creating() =>
        Assert.Equal(BatchState.Creating, Of(Done with { IsCreationDone = false, Jobs = new(0, 0, 3, 1, 0, 0, 0) }).State);

    [Fact]
    public void Jobs_that_are_queued_or_will_be_make_it_running()
    {
        Assert.Equal(BatchState.Running, Of(Done with { Jobs = new(2, 0, 1, 0, 3, 0, 0) }).State);
        Assert.Equal(BatchState.Running, Of(Done with { Jobs = new(2, 0, 0, 0, 0, 1, 0) }).State);
    }

    [Fact]
    public void Failed_or_canceled_jobs_and_nothing_that_moves_make_it_blocked()
    {
        Assert.Equal(BatchState.Blocked, Of(Done with { Jobs = new(0, 2, 0, 0, 1, 3, 0) }).State);
        Assert.Equal(BatchState.Blocked, Of(Done with { Jobs = new(0, 2, 0, 0, 0, 3, 1) }).State);
    }

    [Fact]
    public void It_is_completed_with_its_last_recipe_and_also_when_it_has_none()
    {
        Assert.Equal((BatchState.Completed, 1d), Told(Of(Done with { RecipesCompleted = 2, Jobs = new(0, 0, 0, 0, 0, 6, 0) })));
        Assert.Equal((BatchState.Completed, 1d), Told(Of(Done with { RecipesTotal = 0, RecipesEstimated = 0 })));
    }

    [Fact]
    public void A_pause_shows_until_everything_is_complete()
    {
        Assert.Equal(BatchState.Paused, Of(Done with { IsPaused = true, Jobs = new(0, 0, 3, 0, 0, 0, 0) }).State);
        Assert.Equal(BatchState.Paused, Of(Done with { IsPaused = true, IsCreationDone = false }).State);
        Assert.Equal(BatchState.Completed, Of(Done with { IsPaused = true, RecipesCompleted = 2 }).State);
    }

    [Fact]
    public void A_canceled_batch_is_canceling_as_long_as_anything_moves()
    {
        Assert.Equal(BatchState.Canceling, Of(Done with { IsCanceled = true, IsCreationDone = false }).State);
        Assert.Equal(BatchState.Canceling, Of(Done with { IsCanceled = true, Jobs = new(0, 0, 0, 1, 0, 0, 5) }).State);
        Assert.Equal(BatchState.Canceled, Of(Done with { IsCanceled = true, Jobs = new(0, 0, 0, 0, 1, 1, 4) }).State);
    }

    [Fact]
    public void Recipes_to_come_count_like_those_that_exist()
    {
        Assert.Equal(0.25, Of(Done with { Jobs = new(0, 0, 3, 0, 0, 1, 0) }).Share);
        Assert.Equal(0.125, Of(Done with { IsCreationDone = false, RecipesEstimated = 4, Jobs = new(0, 0, 3, 0, 0, 1, 0) }).Share);
        Assert.Equal(0, Of(Done with { IsCreationDone = false, RecipesTotal = 0 }).Share);
    }

    [Fact]
    public void The_time_left_is_the_open_work_shared_by_what_runs()
    {
        var batch = Done with { Jobs = new(4, 0, 2, 2, 0, 0, 0) };
        NodePace[] nodes = [new(new(0, 0, 2, 2, 0, 0, 0), TimeSpan.FromSeconds(10)), new(new(4, 0, 0, 0, 0, 0, 0), null)];
        Assert.Equal(TimeSpan.FromSeconds((4 * 10 + 4 * 10 - 10) / 2), BatchProgress.TimeLeft(batch, nodes));
        Assert.Equal(TimeSpan.FromSeconds((8 * 10 + 8 * 10 - 10) / 2), BatchProgress.TimeLeft(batch with { IsCreationDone = false, RecipesEstimated = 4 }, nodes));
    }

    [Fact]
    public void Nothing_is_told_of_the_time_left_when_nothing_runs_or_nothing_is_known()
    {
        NodePace[] known = [new(new(1, 0, 0, 0, 0, 0, 0), TimeSpan.FromSeconds(10))];
        Assert.Null(BatchProgress.TimeLeft(Done with { Jobs = new(1, 0, 0, 0, 0, 0, 0) }, known));
        Assert.Null(BatchProgress.TimeLeft(Done with { Jobs = new(0, 0, 0, 1, 0, 0, 0) }, [new(new(0, 0, 0, 1, 0, 0, 0), null)]));
        Assert.Null(BatchProgress.TimeLeft(Done with { IsPaused = true, Jobs = new(0, 0, 1, 1, 0, 0, 0) }, known));
    }

    private static BatchProgress Of(BatchCounts counts) => BatchProgress.Of(counts);

    private static (BatchState, double) Told(BatchProgress progress) => (progress.State, progress.Share);
}
