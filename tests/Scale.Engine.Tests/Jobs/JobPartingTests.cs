using Scale.Engine.Jobs;

namespace Scale.Engine.Tests.Jobs;

public sealed class JobPartingTests
{
    [Fact]
    public void Jobs_of_no_recipe_are_parted_by_their_number()
    {
        Assert.Equal([2], JobParting.Cuts([9, 8, 7, 6], [], size: 2));
        Assert.Equal([2, 4], JobParting.Cuts([9, 8, 7, 6, 5], [], size: 2));
        Assert.Empty(JobParting.Cuts([9, 8], [], size: 2));
    }

    [Fact]
    public void Recipes_are_not_parted()
    {
        long[] jobs = [9, 8, 7, 6, 5, 4];
        Assert.Equal([3], JobParting.Cuts(jobs, [(9, 1), (8, 1), (7, 1), (6, 2), (5, 2), (4, 2)], size: 3));
        Assert.Equal([2, 4], JobParting.Cuts(jobs, [(9, 1), (8, 1), (7, 2), (6, 2), (5, 3), (4, 3)], size: 2));
        Assert.Equal([2, 4], JobParting.Cuts(jobs, [(9, 1), (8, 1), (7, 2), (6, 2), (5, 3), (4, 3)], size: 1));
        Assert.Equal([1], JobParting.Cuts(jobs, [(9, 1), (8, 2), (5, 2), (4, 2)], size: 3));
    }

    [Fact]
    public void A_job_in_two_recipes_keeps_both_together() => Assert.Equal([1], JobParting.Cuts([9, 8, 7, 6], [(9, 1), (8, 2), (7, 2), (7, 3), (6, 3)], size: 2));

    [Fact]
    public void What_hangs_together_is_one_part()
    {
        Assert.Empty(JobParting.Cuts([9, 8, 7], [(9, 1), (7, 1), (8, 2)], size: 1));
        Assert.Empty(JobParting.Cuts([9], [], size: 1));
    }
}
