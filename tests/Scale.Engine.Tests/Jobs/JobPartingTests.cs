using Scale.Engine.Jobs;

namespace Scale.Engine.Tests.Jobs;

public sealed class JobPartingTests
{
    [Fact]
    public void Jobs_of_no_recipe_are_parted_in_the_middle() => Assert.Equal(2, JobParting.Middle([9, 8, 7, 6], []));

    [Fact]
    public void No_recipe_has_jobs_of_both_parts()
    {
        long[] jobs = [9, 8, 7, 6, 5, 4];
        Assert.Equal(3, JobParting.Middle(jobs, [(9, 1), (8, 1), (7, 1), (6, 2), (5, 2), (4, 2)]));
        Assert.Equal(2, JobParting.Middle(jobs, [(9, 1), (8, 1), (7, 2), (6, 2), (5, 3), (4, 3)]));
        Assert.Equal(1, JobParting.Middle(jobs, [(9, 1), (8, 2), (5, 2), (4, 2)]));
    }

    [Fact]
    public void A_job_in_two_recipes_keeps_both_together() => Assert.Equal(1, JobParting.Middle([9, 8, 7, 6], [(9, 1), (8, 2), (7, 2), (7, 3), (6, 3)]));

    [Fact]
    public void There_is_no_middle_of_what_belongs_together()
    {
        Assert.Equal(0, JobParting.Middle([9, 8, 7], [(9, 1), (7, 1), (8, 2)]));
        Assert.Equal(0, JobParting.Middle([9], []));
    }
}
