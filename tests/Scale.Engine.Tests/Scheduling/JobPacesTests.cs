using Scale.Engine.Scheduling;

namespace Scale.Engine.Tests.Scheduling;

/// <summary>How many jobs a node may have ahead, by how long their mains took (scheduler-and-system.md §9).</summary>
public sealed class JobPacesTests
{
    private readonly JobPaces paces = new();

    [Fact]
    public void Of_a_type_that_nobody_has_seen_nothing_is_given_ahead()
    {
        Note(2, 0.001, times: 100);
        Assert.Equal(0, paces.AheadOf(1));
    }

    [Fact]
    public void As_many_are_given_ahead_as_are_over_within_the_horizon_and_never_more_than_some()
    {
        Note(1, 0.05, times: 200);
        Assert.Equal(4, paces.AheadOf(1), 0.1);
        Note(2, 0.0001, times: 200);
        Assert.Equal(JobPaces.MostAhead, paces.AheadOf(2));
        Note(3, 0.2, times: 200);
        Assert.Equal(0, paces.AheadOf(3));
    }

    [Fact]
    public void One_that_takes_long_is_believed_at_once_and_forgotten_by_many_that_do_not()
    {
        Note(1, 0.001, times: 200);
        Note(1, 3, times: 1);
        Assert.Equal(0, paces.AheadOf(1));
        Note(1, 0.001, times: 30);
        Assert.Equal(0, paces.AheadOf(1));
        Note(1, 0.001, times: 100);
        Assert.Equal(JobPaces.MostAhead, paces.AheadOf(1));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_main_take_less_than_nothing()
    {
        Note(1, -100, times: 1);
        Note(1, 0.05, times: 1);
        Assert.InRange(paces.AheadOf(1), 0, JobPaces.MostAhead);
        Note(1, 0.2, times: 40);
        Assert.Equal(0, paces.AheadOf(1));
    }

    private void Note(long jobTypeId, double seconds, int times)
    {
        for (var i = 0; i < times; i++)
        {
            paces.Note(jobTypeId, TimeSpan.FromSeconds(seconds));
        }
    }
}
