namespace Scale.Model.Scheduling;

/// <summary>Decides which queued jobs start where (scheduler-and-system.md §9): a snapshot in, a plan out.</summary>
/// <remarks>
/// Jobs are served strictly by priority (lower number first), then by when they were queued. A class whose first job cannot be
/// placed is looked at once per plan and never hides those behind it. When it could run on some node once that drains, it keeps
/// one: jobs behind it do not get that node, so small ones cannot starve a wide one. At most half of the nodes (and at least
/// one) are kept at a time, in order of service, so that the rest of the cluster stays busy. While all that waits for room is
/// over soon, nodes that start jobs in turn are given some ahead.
/// </remarks>
public static class Placement
{
    public static PlacementPlan Plan(PlacementInput input) => new Planner(input).Run();

    private sealed class Planner
    {
        private readonly PlacementInput input;
        private readonly NodePool pool;
        private readonly Dictionary<long, int> remaining;
        private readonly Dictionary<long, long> keptBefore;
        private readonly double[][] needs;
        private readonly int[] placed;
        private readonly List<Assignment> assignments = [];
        private readonly List<Reservation> reservations = [];
        private readonly List<ClassWait> waits = [];

        // Classes that wait for room on a node, and the node that is kept for each.
        private readonly List<(int Class, WaitReason Reason, long? Kept)> blocked = [];

        public Planner(PlacementInput input)
        {
            this.input = input;
            pool = new NodePool(input);
            remaining = new Dictionary<long, int>(input.RemainingByJobType);
            keptBefore = input.Reservations.DistinctBy(r => r.ClassId).ToDictionary(r => r.ClassId, r => r.NodeId);
            needs = input.Classes.Select(c => pool.Needs(c.Needed)).ToArray();
            placed = new int[input.Classes.Count];
        }

        public PlacementPlan Run()
        {
            var order = new PriorityQueue<int, (int Priority, long Queued, long ClassId)>(input.Classes.Count);
            for (var c = 0; c < input.Classes.Count; c++)
            {
                if (Obstacle(c) is { } reason)
                {
                    Wait(c, reason);
                }
                else
                {
                    Enqueue(order, c);
                }
            }

            while (order.TryDequeue(out var c, out _))
            {
                if (PlaceNext(c))
                {
                    Enqueue(order, c);
                }
            }

            if (blocked.TrueForAll(b => input.Classes[b.Class].Ahead > 0))
            {
                PlaceAhead();
            }

            foreach (var (c, reason, kept) in blocked)
            {
                Wait(c, placed[c] < input.Classes[c].Heads.Count ? reason : WithoutHeads(c), kept);
            }

            return new PlacementPlan(assignments, reservations, waits);
        }

        /// <summary>What keeps the whole class from being looked at, or null.</summary>
        private WaitReason? Obstacle(int c)
        {
            if (input.IsPaused)
            {
                return WaitReason.SchedulerPaused;
            }

            if (input.PausedJobTypes.Contains(input.Classes[c].JobTypeId))
            {
                return WaitReason.JobTypePaused;
            }

            if (pool.Count == 0)
            {
                return WaitReason.NoNodes;
            }

            return !pool.AnyCouldEverRun(needs[c], unpausedOnly: false) ? WaitReason.NoNodeFits
                : !pool.AnyCouldEverRun(needs[c], unpausedOnly: true) ? WaitReason.NodesPaused
                : null;
        }

        /// <summary>Gives nodes what waits there for its turn.</summary>
        private void PlaceAhead()
        {
            var order = new PriorityQueue<int, (int Priority, long Queued, long ClassId)>(blocked.Select(b => (b.Class, OrderOf(b.Class))));
            while (assignments.Count < input.MaxAssignments && order.TryDequeue(out var c, out _))
            {
                var requirement = input.Classes[c];
                if (LimitLeft(requirement) && pool.RoomiestInTurn(needs[c], requirement.Ahead) is { } node)
                {
                    Place(c, node);
                    if (placed[c] < requirement.Heads.Count)
                    {
                        order.Enqueue(c, OrderOf(c));
                    }
                }
            }
        }

        private void Enqueue(PriorityQueue<int, (int Priority, long Queued, long ClassId)> order, int c)
        {
            var requirement = input.Classes[c];
            if (placed[c] < requirement.Heads.Count)
            {
                order.Enqueue(c, OrderOf(c));
            }
            else
            {
                Wait(c, WithoutHeads(c));
            }
        }

        private (int Priority, long Queued, long ClassId) OrderOf(int c)
        {
            var requirement = input.Classes[c];
            var queued = requirement.Heads[placed[c]];
            return (requirement.Priority, input.Mode == QueueMode.Lifo ? -queued : queued, requirement.Id);
        }

        /// <summary>Why what is left of a class waits once all its heads are placed.</summary>
        private WaitReason WithoutHeads(int c) => LimitLeft(input.Classes[c]) ? WaitReason.NextPlan : WaitReason.LimitReached;

        /// <summary>Places the first waiting job of a class; when that is impossible, says why and is done with the class.</summary>
        private bool PlaceNext(int c)
        {
            var requirement = input.Classes[c];
            if (!LimitLeft(requirement))
            {
                Wait(c, WaitReason.LimitReached);
                return false;
            }

            if (assignments.Count >= input.MaxAssignments)
            {
                Wait(c, WaitReason.NextPlan);
                return false;
            }

            if (pool.Tightest(needs[c], ofReserved: false) is not { } node)
            {
                var reason = pool.Tightest(needs[c], ofReserved: true) is null ? WaitReason.NodesBusy : WaitReason.NodesReserved;
                blocked.Add((c, reason, Keep(c)));
                return false;
            }

            Place(c, node);
            return true;
        }

        private void Place(int c, int node)
        {
            var requirement = input.Classes[c];
            pool.Take(node, needs[c]);
            assignments.Add(new Assignment(requirement.Id, placed[c]++, pool.IdOf(node)));
            if (remaining.TryGetValue(requirement.JobTypeId, out var left))
            {
                remaining[requirement.JobTypeId] = left - 1;
            }
        }

        private bool LimitLeft(RequirementClass requirement) => !remaining.TryGetValue(requirement.JobTypeId, out var left) || left > 0;

        /// <summary>Keeps a node for a class that does not fit now; null when enough are kept already.</summary>
        private long? Keep(int c)
        {
            if (reservations.Count >= Math.Max(1, pool.Count / 2))
            {
                return null;
            }

            var node = KeptBefore(c) ?? pool.ClosestToFit(needs[c]);
            if (node is not { } kept)
            {
                return null;
            }

            pool.Reserve(kept);
            reservations.Add(new Reservation(input.Classes[c].Id, pool.IdOf(kept)));
            return pool.IdOf(kept);
        }

        private int? KeptBefore(int c) =>
            keptBefore.TryGetValue(input.Classes[c].Id, out var id) && pool.IndexOf(id) is { } node && pool.CanBeKept(node, needs[c]) ? node : null;

        private void Wait(int c, WaitReason reason, long? reservedNodeId = null)
        {
            var count = input.Classes[c].Waiting - placed[c];
            if (count > 0)
            {
                var missing = reason == WaitReason.NoNodeFits ? pool.Missing(needs[c]) : [];
                waits.Add(new ClassWait(input.Classes[c].Id, count, reason, missing, reservedNodeId));
            }
        }
    }
}
