using Scale.Model.Scheduling;

namespace Scale.Model.Tests.Scheduling;

public class PlacementTests
{
    private static PlacementNode Node(long id, double total, double? free = null, double gpus = 0, double? freeGpus = null, bool isActive = true, bool isPaused = false) =>
        new(id, Resources.Of(free ?? total, 0, 0, freeGpus ?? gpus), Resources.Of(total, 0, 0, gpus), isActive, isPaused);

    /// <param name="heads">When its jobs were queued.</param>
    private static RequirementClass Class(long id, double cpus, long[] heads, int priority = 100, long jobType = 1, double gpus = 0) =>
        new(id, jobType, priority, Resources.Of(cpus, 0, 0, gpus), heads.Length, heads);

    private static PlacementInput Input(PlacementNode[] nodes, params RequirementClass[] classes) => new(nodes, classes);

    private static string Placed(PlacementPlan plan) => string.Join(' ', plan.Assignments.Select(a => $"{a.ClassId}.{a.Entry}@{a.NodeId}"));

    private static string Waiting(PlacementPlan plan) => string.Join(' ', plan.Waits.OrderBy(w => w.ClassId).Select(w => $"{w.ClassId}:{w.Count}:{w.Reason}"));

    [Fact]
    public void Lower_priority_numbers_go_first_then_the_oldest()
    {
        var plan = Placement.Plan(Input([Node(1, 4)], Class(1, 1, [10, 40]), Class(2, 1, [20, 30]), Class(3, 1, [99], priority: 5)));
        Assert.Equal("3.0@1 1.0@1 2.0@1 2.1@1", Placed(plan));
        Assert.Equal("1:1:NodesBusy", Waiting(plan));
        Assert.False(plan.HasMore);
    }

    [Fact]
    public void In_lifo_mode_the_newest_goes_first_within_its_priority() => Assert.Equal(
        "3.0@1 2.0@1 2.1@1 1.0@1",
        Placed(Placement.Plan(Input([Node(1, 4)], Class(1, 1, [15, 10]), Class(2, 1, [30, 20]), Class(3, 1, [1], priority: 5)) with { Mode = QueueMode.Lifo })));

    [Fact]
    public void Jobs_go_where_they_leave_least_so_that_big_holes_stay_whole()
    {
        Assert.Equal("1.0@2", Placed(Placement.Plan(Input([Node(1, 8), Node(2, 2), Node(3, 4)], Class(1, 2, [1])))));
        Assert.Equal("1.0@2", Placed(Placement.Plan(Input([Node(1, 4, gpus: 2), Node(2, 4)], Class(1, 2, [1])))));
        Assert.Equal("1.0@1", Placed(Placement.Plan(Input([Node(2, 4), Node(1, 4)], Class(1, 2, [1])))));
    }

    [Theory]
    [InlineData("SchedulerPaused")]
    [InlineData("JobTypePaused")]
    [InlineData("LimitReached")]
    [InlineData("NoNodes")]
    [InlineData("NoNodeFits")]
    [InlineData("NodesPaused")]
    [InlineData("NodesBusy")]
    [InlineData("NextPlan")]
    public void A_job_that_waits_says_why(string reason)
    {
        var input = Input([Node(1, 4)], Class(1, 2, [1, 2]));
        input = reason switch
        {
            "SchedulerPaused" => input with { IsPaused = true },
            "JobTypePaused" => input with { PausedJobTypes = new HashSet<long> { 1 } },
            "LimitReached" => input with { RemainingByJobType = new Dictionary<long, int> { [1] = 0 } },
            "NoNodes" => input with { Nodes = [Node(1, 4, isActive: false)] },
            "NoNodeFits" => input with { Nodes = [Node(1, 1), Node(2, 1.5)] },
            "NodesPaused" => input with { Nodes = [Node(1, 4, isPaused: true), Node(2, 1)] },
            "NodesBusy" => input with { Nodes = [Node(1, 4, free: 1)] },
            _ => input with { MaxAssignments = 0 },
        };
        var plan = Placement.Plan(input);
        Assert.Empty(plan.Assignments);
        Assert.Equal($"1:2:{reason}", Waiting(plan));
        Assert.Equal(reason == "NextPlan", plan.HasMore);
        Assert.Equal(reason == "NodesBusy" ? [new Reservation(1, 1)] : [], plan.Reservations);
        Assert.Equal(reason == "NoNodeFits" ? ["cpus"] : [], plan.Unmet.SelectMany(w => w.Resources));
    }

    [Theory]
    [InlineData(1, "1.0@1", "1:2:LimitReached 2:1:LimitReached")]
    [InlineData(2, "1.0@1 2.0@1", "1:2:LimitReached")]
    [InlineData(9, "1.0@1 2.0@1 1.1@1 1.2@1", "")]
    public void The_limit_of_a_job_type_holds_over_all_its_classes(int remaining, string placed, string waiting)
    {
        var plan = Placement.Plan(Input([Node(1, 8)], Class(1, 1, [1, 3, 4]), Class(2, 1, [2])) with { RemainingByJobType = new Dictionary<long, int> { [1] = remaining } });
        Assert.Equal((placed, waiting), (Placed(plan), Waiting(plan)));
    }

    [Fact]
    public void What_fits_nowhere_hides_nothing_behind_it()
    {
        var hopeless = Enumerable.Range(1, 600).Select(i => Class(i, 100 + i, [i], priority: 1, jobType: i)).ToArray();
        var plan = Placement.Plan(Input([Node(1, 1)], [.. hopeless, Class(1000, 1, [5000])]));
        Assert.Equal("1000.0@1", Placed(plan));
        Assert.Equal(600, plan.Unmet.Count());
        Assert.Empty(plan.Reservations);
    }

    [Fact]
    public void A_wide_job_keeps_its_node_from_those_behind_it_but_not_from_those_before()
    {
        var plan = Placement.Plan(Input([Node(1, 4, free: 2)], Class(1, 1, [9], priority: 1), Class(2, 4, [1]), Class(3, 1, [5])));
        Assert.Equal("1.0@1", Placed(plan));
        Assert.Equal([new Reservation(2, 1)], plan.Reservations);
        Assert.Equal("2:1:NodesBusy 3:1:NodesReserved", Waiting(plan));
        Assert.Equal(1, plan.Waits.Single(w => w.ClassId == 2).ReservedNodeId);
    }

    [Fact]
    public void The_node_that_lacks_least_is_kept_and_stays_kept()
    {
        var nodes = new[] { Node(1, 4, free: 1), Node(2, 4, free: 3), Node(3, 2) };
        var first = Placement.Plan(Input(nodes, Class(1, 4, [1])));
        Assert.Equal([new Reservation(1, 2)], first.Reservations);
        var later = Placement.Plan(Input([Node(1, 4, free: 3.5), Node(2, 4, free: 3), Node(3, 2)], Class(1, 4, [1])) with { Reservations = first.Reservations });
        Assert.Equal([new Reservation(1, 2)], later.Reservations);
        var paused = Placement.Plan(Input([Node(1, 4, free: 1), Node(2, 4, free: 3, isPaused: true), Node(3, 2)], Class(1, 4, [1])) with { Reservations = first.Reservations });
        Assert.Equal([new Reservation(1, 1)], paused.Reservations);
        var gone = Placement.Plan(Input([Node(1, 4, free: 1), Node(3, 2)], Class(1, 4, [1])) with { Reservations = first.Reservations });
        Assert.Equal([new Reservation(1, 1)], gone.Reservations);
    }

    [Fact]
    public void At_most_half_of_the_nodes_are_kept()
    {
        var nodes = Enumerable.Range(1, 4).Select(i => Node(i, 4, free: 2)).ToArray();
        var plan = Placement.Plan(Input(nodes, Class(1, 3, [1]), Class(2, 3.5, [2]), Class(3, 4, [3]), Class(4, 2, [4, 5, 6])));
        Assert.Equal([1L, 2L], plan.Reservations.Select(r => r.ClassId));
        Assert.Equal("4.0@3 4.1@4", Placed(plan));
        Assert.Equal("1:1:NodesBusy 2:1:NodesBusy 3:1:NodesBusy 4:1:NodesReserved", Waiting(plan));
    }

    [Fact]
    public void Gpus_are_taken_whole()
    {
        Assert.Equal("1.0@1 1.1@1", Placed(Placement.Plan(Input([Node(1, 8, gpus: 2.9)], Class(1, 1, [1, 2, 3], gpus: 0.5)))));
        Assert.Equal("1:1:NoNodeFits", Waiting(Placement.Plan(Input([Node(1, 8, gpus: 1.9)], Class(1, 1, [1], gpus: 1.5)))));
    }

    [Fact]
    public void A_fit_is_that_of_one_node_not_of_all_together()
    {
        var plan = Placement.Plan(Input([Node(1, 8), Node(2, 1, gpus: 1)], Class(1, 4, [1], gpus: 1)));
        Assert.Equal("1:1:NoNodeFits", Waiting(plan));
        Assert.Equal(["gpus"], plan.Unmet.Single().Resources);
        Assert.Equal(
            ["cpus", "fpga"],
            Placement.Plan(Input([Node(1, 8)], new RequirementClass(1, 1, 1, new Resources([new("cpus", 9), new("fpga", 1)]), 1, [1]))).Unmet.Single().Resources);
    }

    [Fact]
    public void A_plan_is_as_long_as_it_may_be_and_says_that_there_is_more()
    {
        var input = Input([Node(1, 8)], new RequirementClass(1, 1, 100, Resources.Of(1, 0, 0), 5, [1, 2, 3]), Class(2, 1, [4]));
        var whole = Placement.Plan(input);
        Assert.Equal("1.0@1 1.1@1 1.2@1 2.0@1", Placed(whole));
        Assert.Equal("1:2:NextPlan", Waiting(whole));
        Assert.True(whole.HasMore);
        var cut = Placement.Plan(input with { MaxAssignments = 2 });
        Assert.Equal("1.0@1 1.1@1", Placed(cut));
        Assert.Equal("1:3:NextPlan 2:1:NextPlan", Waiting(cut));
    }

    [Theory]
    [InlineData(2, 4, "1:6:NodesBusy")]
    [InlineData(2, 8, "1:2:NodesBusy")]
    [InlineData(-1.5, 4, "1:8:NodesBusy")]
    [InlineData(0, 0, "1:10:NodesBusy")]
    public void What_is_over_soon_is_given_to_a_node_ahead_of_its_cpus(double free, double cpusAhead, string waiting)
    {
        var plan = Placement.Plan(Input([Node(1, 4, free)], Class(1, 1.25, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) with { Ahead = cpusAhead / 4 }));
        Assert.Equal(waiting, Waiting(plan));
    }

    [Fact]
    public void Of_all_but_cpus_no_more_is_given_than_there_is()
    {
        var tight = new PlacementNode(1, Resources.Of(1, 512, 0, 1), Resources.Of(1, 1024, 0, 1));
        var brief = new RequirementClass(1, 1, 100, Resources.Of(1, 128, 0), 9, [1, 2, 3, 4, 5, 6, 7, 8, 9]) { Ahead = 7 };
        Assert.Equal(4, Placement.Plan(Input([tight], brief)).Assignments.Count);
        Assert.Single(Placement.Plan(Input([tight], brief with { Needed = Resources.Of(1, 0, 0, 1) })).Assignments);
    }

    [Fact]
    public void Nothing_is_given_ahead_while_something_longer_waits_for_room()
    {
        var brief = Class(1, 1, [1, 2, 3], priority: 1) with { Ahead = 7 };
        Assert.Equal("1:2:NodesBusy 2:1:NodesBusy", Waiting(Placement.Plan(Input([Node(1, 1)], brief, Class(2, 1, [9])))));
        Assert.Equal("2:1:JobTypePaused", Waiting(Placement.Plan(Input([Node(1, 1)], brief, Class(2, 1, [9], jobType: 2)) with { PausedJobTypes = new HashSet<long> { 2 } })));
        Assert.Equal("2:1:NoNodeFits", Waiting(Placement.Plan(Input([Node(1, 1)], brief, Class(2, 5, [9])))));
    }

    [Fact]
    public void What_is_given_ahead_keeps_to_the_order_limits_and_pauses()
    {
        var input = Input([Node(1, 1)], Class(1, 1, [1, 4]) with { Ahead = 2 }, Class(2, 1, [2, 3, 5]) with { Ahead = 2 });
        Assert.Equal("1.0@1 2.0@1 2.1@1", Placed(Placement.Plan(input)));
        Assert.Equal("1.0@1 2.0@1", Placed(Placement.Plan(input with { MaxAssignments = 2 })));
        Assert.Equal("1.0@1 2.0@1", Placed(Placement.Plan(input with { RemainingByJobType = new Dictionary<long, int> { [1] = 2 } })));
        var newest = Input([Node(1, 1)], Class(1, 1, [4, 1]) with { Ahead = 2 }, Class(2, 1, [5, 3, 2]) with { Ahead = 2 });
        Assert.Equal("2.0@1 1.0@1 2.1@1", Placed(Placement.Plan(newest with { Mode = QueueMode.Lifo })));
        Assert.Empty(Placement.Plan(Input([Node(1, 1, isPaused: true)], Class(1, 1, [1]) with { Ahead = 2 })).Assignments);
    }

    [Fact]
    public void A_class_whose_heads_are_all_given_ahead_has_more_for_the_next_plan()
    {
        var plan = Placement.Plan(Input([Node(1, 1)], new RequirementClass(1, 1, 100, Resources.Of(1, 0, 0), 5, [1, 2]) { Ahead = 7 }));
        Assert.Equal(("1.0@1 1.1@1", "1:3:NextPlan", true), (Placed(plan), Waiting(plan), plan.HasMore));
    }

    [Fact]
    public void What_is_given_ahead_goes_where_least_waits() => Assert.Equal(
        "1.0@1 1.1@2 1.2@1 1.3@2 1.4@1 1.5@2",
        Placed(Placement.Plan(Input([Node(1, 1), Node(2, 1)], Class(1, 1, [1, 2, 3, 4, 5, 6]) with { Ahead = 2 }))));

    [Fact]
    public void Sums_of_fractions_fill_a_node_to_the_brim()
    {
        var plan = Placement.Plan(Input([Node(1, 1)], Class(1, 0.1, Enumerable.Range(0, 11).Select(i => (long)i).ToArray())));
        Assert.Equal(10, plan.Assignments.Count);
    }
}
