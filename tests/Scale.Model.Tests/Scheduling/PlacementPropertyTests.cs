using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Scheduling;

namespace Scale.Model.Tests.Scheduling;

/// <summary>What every plan keeps to, whatever the cluster and the queue look like.</summary>
public class PlacementPropertyTests
{
    private static readonly string[] Names = ["cpus", "mem", "gpus", "fpga"];

    // Plain integers would be small ones, and the same few again and again.
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void No_node_is_ever_over_committed() => ForAll((input, plan) =>
    {
        var needed = input.Classes.ToDictionary(c => c.Id, c => WholeGpus(c.Needed, Math.Ceiling));
        return plan.Assignments.GroupBy(a => a.NodeId).All(onNode =>
        {
            var free = WholeGpus(input.Nodes.Single(n => n.Id == onNode.Key).Free, Math.Floor);
            return free.Covers(onNode.Aggregate(Resources.None, (sum, a) => sum + needed[a.ClassId]));
        });
    });

    [Fact]
    public void What_is_given_ahead_follows_what_has_room_and_takes_no_more_than_cpus_it_may() => ForAll((input, plan) =>
    {
        const int Ahead = 3;
        var needed = input.Classes.ToDictionary(c => c.Id, c => WholeGpus(c.Needed, Math.Ceiling));
        var more = Placement.Plan(input with { Classes = [.. input.Classes.Select(c => c with { Ahead = Ahead })] });
        return more.Assignments.Take(plan.Assignments.Count).SequenceEqual(plan.Assignments)
            && more.Assignments.GroupBy(a => a.NodeId).All(onNode =>
            {
                var node = input.Nodes.Single(n => n.Id == onNode.Key);
                var offered = WholeGpus(node.Free, Math.Floor) + Resources.Of(Ahead * node.Total["cpus"], 0, 0);
                return node.IsActive && !node.IsPaused && offered.Covers(onNode.Aggregate(Resources.None, (sum, a) => sum + needed[a.ClassId]));
            });
    });

    [Fact]
    public void Nothing_starts_on_nodes_that_are_paused_or_gone() => ForAll((input, plan) =>
    {
        var usable = input.Nodes.Where(n => n.IsActive && !n.IsPaused).Select(n => n.Id).ToHashSet();
        return plan.Assignments.All(a => usable.Contains(a.NodeId)) && plan.Reservations.All(r => usable.Contains(r.NodeId));
    });

    [Fact]
    public void Pauses_limits_and_the_size_of_a_plan_are_kept() => ForAll((input, plan) =>
    {
        var typeOf = input.Classes.ToDictionary(c => c.Id, c => c.JobTypeId);
        var started = plan.Assignments.CountBy(a => typeOf[a.ClassId]).ToDictionary();
        return (!input.IsPaused || plan.Assignments.Count == 0)
            && plan.Assignments.Count <= input.MaxAssignments
            && !input.PausedJobTypes.Any(started.ContainsKey)
            && started.All(s => !input.RemainingByJobType.TryGetValue(s.Key, out var remaining) || s.Value <= Math.Max(0, remaining));
    });

    [Fact]
    public void Jobs_are_served_by_priority_then_in_the_order_of_the_queue() => ForAll((input, plan) =>
    {
        var classes = input.Classes.ToDictionary(c => c.Id);
        var served = plan.Assignments.Select(a => (classes[a.ClassId].Priority, input.Mode == QueueMode.Lifo ? -classes[a.ClassId].Heads[a.Entry] : classes[a.ClassId].Heads[a.Entry])).ToList();
        return served.SequenceEqual(served.Order())
            && plan.Assignments.GroupBy(a => a.ClassId).All(c => c.Select(a => a.Entry).SequenceEqual(Enumerable.Range(0, c.Count())));
    });

    [Fact]
    public void Every_job_is_placed_or_waits_for_one_reason() => ForAll((input, plan) =>
        plan.Waits.Select(w => w.ClassId).Distinct().Count() == plan.Waits.Count
        && input.Classes.All(c => plan.Assignments.Count(a => a.ClassId == c.Id) + plan.Waits.Where(w => w.ClassId == c.Id).Sum(w => w.Count) == c.Waiting)
        && plan.Waits.All(w => w.Resources.Count > 0 == (w.Reason == WaitReason.NoNodeFits))
        && plan.Waits.All(w => w.ReservedNodeId == plan.Reservations.Where(r => r.ClassId == w.ClassId).Select(r => (long?)r.NodeId).SingleOrDefault()));

    [Fact]
    public void A_class_that_fits_nowhere_changes_nothing_for_the_others() => ForAll((input, plan) =>
    {
        var hopeless = new RequirementClass(9000, 1, -1, new Resources([new("fpga", 1e6)]), 5, [-5, -4, -3, -2, -1]);
        var beside = Placement.Plan(input with { Classes = [hopeless, .. input.Classes] });
        return beside.Assignments.SequenceEqual(plan.Assignments)
            && beside.Reservations.SequenceEqual(plan.Reservations)
            && beside.Waits.Where(w => w.ClassId != hopeless.Id).Select(w => (w.ClassId, w.Count, w.Reason)).Order()
                .SequenceEqual(plan.Waits.Select(w => (w.ClassId, w.Count, w.Reason)).Order())
            && beside.Waits.Single(w => w.ClassId == hopeless.Id).Count == 5;
    });

    [Fact]
    public void Reservations_are_few_useful_and_of_different_nodes() => ForAll((input, plan) =>
    {
        var classes = input.Classes.ToDictionary(c => c.Id);
        return plan.Reservations.Count <= Math.Max(1, input.Nodes.Count(n => n.IsActive) / 2)
            && plan.Reservations.DistinctBy(r => r.NodeId).Count() == plan.Reservations.Count
            && plan.Reservations.All(r => WholeGpus(input.Nodes.Single(n => n.Id == r.NodeId).Total, Math.Floor).Covers(WholeGpus(classes[r.ClassId].Needed, Math.Ceiling)));
    });

    [Fact]
    public void Nothing_waits_for_busy_nodes_while_a_node_that_nobody_keeps_has_room() => ForAll((input, plan) =>
    {
        var classes = input.Classes.ToDictionary(c => c.Id);
        var kept = plan.Reservations.Select(r => r.NodeId).ToHashSet();
        var left = input.Nodes.Where(n => n.IsActive && !n.IsPaused && !kept.Contains(n.Id))
            .Select(n => plan.Assignments.Where(a => a.NodeId == n.Id).Aggregate(WholeGpus(n.Free, Math.Floor), (free, a) => free - WholeGpus(classes[a.ClassId].Needed, Math.Ceiling)))
            .ToList();
        return plan.Waits.Where(w => w.Reason is WaitReason.NodesBusy or WaitReason.NodesReserved)
            .All(w => !left.Any(free => free.Covers(WholeGpus(classes[w.ClassId].Needed, Math.Ceiling))));
    });

    [Fact]
    public void The_order_in_which_nodes_and_classes_are_given_does_not_matter() => ForAll((input, plan) =>
    {
        var turned = Placement.Plan(input with { Nodes = input.Nodes.Reverse().ToList(), Classes = input.Classes.Reverse().ToList() });
        return turned.Assignments.SequenceEqual(plan.Assignments) && turned.Reservations.SequenceEqual(plan.Reservations);
    });

    /// <summary>
    /// Small jobs of the same priority arrive for ever and fill every hole. All jobs end within ten rounds, so a node that is kept is empty after
    /// at most ten, and the wide job, which is older than all that arrives, must have started by then.
    /// </summary>
    [Fact]
    public void A_wide_job_is_not_starved_by_a_stream_of_small_ones() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var nodes = Enumerable.Range(1, random.Next(1, 6)).Select(id => (Id: (long)id, Cpus: random.Next(2, 9))).ToList();
        var widest = nodes.Max(n => n.Cpus);
        var running = new List<(long Node, double Cpus, int Ends)>();
        IReadOnlyList<Reservation> reservations = [];
        long queued = 0;
        // The cluster is full of small jobs when the wide one arrives.
        foreach (var (id, cpus) in nodes)
        {
            running.AddRange(Enumerable.Range(0, cpus).Select(_ => (id, 1.0, random.Next(1, 11))));
        }

        for (var round = 0; round <= 10; round++)
        {
            running.RemoveAll(r => r.Ends <= round);
            var snapshot = nodes.Select(n => new PlacementNode(
                n.Id, Resources.Of(n.Cpus - running.Where(r => r.Node == n.Id).Sum(r => r.Cpus), 0, 0), Resources.Of(n.Cpus, 0, 0))).ToList();
            var small = Enumerable.Range(0, 50).Select(_ => ++queued).ToList();
            var plan = Placement.Plan(new PlacementInput(
                snapshot,
                [new RequirementClass(1, 1, 100, Resources.Of(widest, 0, 0), 1, [0]), new RequirementClass(2, 2, 100, Resources.Of(1, 0, 0), 1000, small)])
            {
                Reservations = reservations,
            });
            if (plan.Assignments.Any(a => a.ClassId == 1))
            {
                return true;
            }

            reservations = plan.Reservations;
            running.AddRange(plan.Assignments.Select(a => (a.NodeId, 1.0, round + random.Next(1, 11))));
        }

        return false;
    }).QuickCheckThrowOnFailure();

    /// <summary>Every round ends all that ran: what could ever run is served in the end, and nothing is left but what fits nowhere.</summary>
    [Fact]
    public void Over_rounds_everything_that_fits_somewhere_is_served() => Prop.ForAll(Seeds, seed =>
    {
        var input = RandomInput(new Random(seed)) with { IsPaused = false, PausedJobTypes = new HashSet<long>(), RemainingByJobType = new Dictionary<long, int>(), MaxAssignments = 7 };
        input = input with { Nodes = input.Nodes.Select(n => n with { Free = n.Total, IsPaused = false, IsActive = true }).ToList() };
        for (var round = 0; round < 200; round++)
        {
            var plan = Placement.Plan(input);
            if (plan.Assignments.Count == 0)
            {
                return plan.Waits.All(w => w.Reason is WaitReason.NoNodeFits or WaitReason.NoNodes);
            }

            var placed = plan.Assignments.CountBy(a => a.ClassId).ToDictionary();
            input = input with
            {
                Reservations = plan.Reservations,
                Classes = input.Classes.Select(c => c with { Heads = c.Heads.Skip(placed.GetValueOrDefault(c.Id)).ToList(), Waiting = c.Waiting - placed.GetValueOrDefault(c.Id) })
                    .Where(c => c.Waiting > 0).ToList(),
            };
        }

        return false;
    }).QuickCheckThrowOnFailure();

    private static void ForAll(Func<PlacementInput, PlacementPlan, bool> holds) => Prop.ForAll(Seeds, seed =>
    {
        var input = RandomInput(new Random(seed));
        return holds(input, Placement.Plan(input));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static PlacementInput RandomInput(Random random)
    {
        var lifo = random.Next(4) == 0;
        var nodes = Enumerable.Range(1, random.Next(7)).Select(id => RandomNode(random, id)).ToList();
        var classes = Enumerable.Range(1, random.Next(9)).Select(id => RandomClass(random, id, lifo)).ToList();
        return new PlacementInput(nodes, classes)
        {
            Mode = lifo ? QueueMode.Lifo : QueueMode.Fifo,
            IsPaused = random.Next(15) == 0,
            PausedJobTypes = Enumerable.Range(1, 3).Where(_ => random.Next(6) == 0).Select(t => (long)t).ToHashSet(),
            RemainingByJobType = Enumerable.Range(1, 3).Where(_ => random.Next(3) == 0).ToDictionary(t => (long)t, _ => random.Next(-1, 5)),
            Reservations = Enumerable.Range(0, random.Next(3)).Select(_ => new Reservation(random.Next(1, 10), random.Next(1, 9))).ToList(),
            MaxAssignments = random.Next(3) == 0 ? random.Next(6) : int.MaxValue,
        };
    }

    private static PlacementNode RandomNode(Random random, long id)
    {
        var total = new Resources(Names.Where(_ => random.Next(3) > 0).Select(name => KeyValuePair.Create(name, name == "gpus" ? random.Next(5) : random.Next(1, 40) / 4.0)));
        var free = random.Next(2) == 0 ? total : new Resources(total.Amounts.Select(a => KeyValuePair.Create(a.Key, a.Key == "gpus" ? random.Next((int)a.Value + 1) : a.Value * random.Next(5) / 4)));
        return new PlacementNode(id, free, total, IsActive: random.Next(8) > 0, IsPaused: random.Next(6) == 0);
    }

    private static RequirementClass RandomClass(Random random, long id, bool lifo)
    {
        var needed = new Resources(Names.Where(_ => random.Next(2) == 0).Select(name => KeyValuePair.Create(name, random.Next(20) / 4.0)));
        var heads = Enumerable.Range(0, random.Next(1, 7)).Select(_ => (long)random.Next(30)).Order().ToList();
        if (lifo)
        {
            heads.Reverse();
        }

        return new RequirementClass(id, random.Next(1, 4), random.Next(1, 4), needed, heads.Count, heads);
    }

    private static Resources WholeGpus(Resources amounts, Func<double, double> whole) =>
        new(amounts.Amounts.Select(a => a.Key == "gpus" ? KeyValuePair.Create(a.Key, whole(a.Value)) : a));
}
