using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

/// <summary>RecipeProgress against the sentences of recipes.md §10.2-§10.4, written down one by one and without care for speed.</summary>
public class RecipeProgressOracleTests
{
    private sealed class Oracle(RecipeGraph graph, bool hasInput, NodeState[] states, bool isHeldBack)
    {
        public bool IsPruned(int n) => !states[n].Exists && graph.Nodes[n].Parents.Any(p => Gate(p) == 'c');

        public bool IsWaiting(int n) => !states[n].Exists && !IsPruned(n) && graph.Nodes[n].Parents.Any(p => Gate(p) == 'u');

        public bool IsCreated(int n) => !states[n].Exists && !IsPruned(n) && !IsWaiting(n);

        public bool ParentBlocks(int n) => isHeldBack || graph.Nodes[n].Parents.Any(p => Blocks(p.Index));

        public bool IsReady(int n) => hasInput && graph.Nodes[n].Parents.All(p => Is<NodeType.Condition>(p.Index) ? Gate(p) == 'o' : states[p.Index].Exists && IsFinished(p.Index));

        public bool NeverRan(int n) => states[n].Exists && Is<NodeType.Job>(n) && states[n].ExecutionCount == 0 && states[n].Status is JobStatus.Pending or JobStatus.Blocked;

        public bool Waits(int n) => Is<NodeType.Recipe>(n) && states[n] is { Exists: true, HasInput: false, HasError: false };

        public bool Is<T>(int n) => graph.Nodes[n].Type is T;

        public bool IsDone => hasInput && graph.Nodes.All(n => states[n.Index].Exists ? IsFinished(n.Index) : IsPruned(n.Index));

        private char Gate(GraphParent parent)
        {
            var state = states[parent.Index];
            if (IsPruned(parent.Index))
            {
                return 'c';
            }

            if (!Is<NodeType.Condition>(parent.Index))
            {
                return IsWaiting(parent.Index) ? 'u' : 'o';
            }

            return !state.Exists || !state.IsProcessed ? 'u' : state.IsAccepted == parent.Acceptance ? 'o' : 'c';
        }

        private bool Blocks(int n) =>
            ParentBlocks(n) || states[n].Exists && graph.Nodes[n].Type switch
            {
                NodeType.Job => states[n].Status is JobStatus.Failed or JobStatus.Canceled,
                NodeType.Recipe => states[n].Blocks || states[n].HasError,
                _ => states[n].HasError && !states[n].IsProcessed,
            };

        private bool IsFinished(int n) => graph.Nodes[n].Type switch
        {
            NodeType.Job => states[n].Status == JobStatus.Completed,
            NodeType.Recipe => states[n].IsCompleted,
            _ => states[n].IsProcessed,
        };
    }

    [Fact]
    public void Every_step_is_what_the_rules_say() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var graph = RandomGraph(random, random.Next(9));
            var states = graph.Nodes.Select(_ => RandomState(random)).ToArray();
            var hasInput = random.Next(4) > 0;
            var isHeldBack = random.Next(4) == 0;
            var step = RecipeProgress.Advance(graph, hasInput, states, isHeldBack);
            var oracle = new Oracle(graph, hasInput, states, isHeldBack);
            var nodes = Enumerable.Range(0, states.Length).ToList();
            bool Starts(int n) => oracle.IsCreated(n) && oracle.IsReady(n);
            bool Queues(int n) => oracle.Is<NodeType.Job>(n) && (Starts(n) || (oracle.NeverRan(n) && oracle.IsReady(n)));
            return step.Create.SequenceEqual(nodes.Where(oracle.IsCreated))
                && step.CreateBlocked.SequenceEqual(nodes.Where(n => !oracle.Is<NodeType.Condition>(n) && oracle.IsCreated(n) && !Starts(n) && oracle.ParentBlocks(n)))
                && step.Queue.SequenceEqual(nodes.Where(Queues))
                && step.GiveInput.SequenceEqual(nodes.Where(n => oracle.Is<NodeType.Recipe>(n) && (Starts(n) || (oracle.Waits(n) && oracle.IsReady(n)))))
                && step.Decide.SequenceEqual(nodes.Where(n => oracle.Is<NodeType.Condition>(n)
                    && (Starts(n) || (states[n] is { Exists: true, IsProcessed: false, HasError: false } && oracle.IsReady(n)))))
                && step.Block.SequenceEqual(nodes.Where(n => oracle.NeverRan(n) && !Queues(n) && states[n].Status == JobStatus.Pending && oracle.ParentBlocks(n)))
                && step.Unblock.SequenceEqual(nodes.Where(n => oracle.NeverRan(n) && !Queues(n) && states[n].Status == JobStatus.Blocked && !oracle.ParentBlocks(n)))
                && step.HoldBack.SequenceEqual(nodes.Where(n => oracle.Waits(n) && !states[n].IsHeldBack && oracle.ParentBlocks(n)))
                && step.Release.SequenceEqual(nodes.Where(n => oracle.Waits(n) && states[n].IsHeldBack && !oracle.ParentBlocks(n)))
                && step.Pruned.SequenceEqual(nodes.Where(oracle.IsPruned))
                && step.IsDone == oracle.IsDone;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(int.MaxValue));

    [Fact]
    public void A_recipe_whose_work_succeeds_always_ends_and_never_waits_on_nothing() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var graph = RandomGraph(random, random.Next(12));
            var states = new NodeState[graph.Nodes.Length];
            for (var round = 0; round < 1000; round++)
            {
                var step = RecipeProgress.Advance(graph, true, states);
                if (step.IsDone)
                {
                    return RecipeProgress.Advance(graph, true, states) is { Create.IsEmpty: true, Queue.IsEmpty: true, GiveInput.IsEmpty: true, Decide.IsEmpty: true };
                }

                Apply(step, states);
                foreach (var node in graph.Nodes)
                {
                    if (states[node.Index] is { Exists: true } state && random.Next(2) == 0)
                    {
                        states[node.Index] = node.Type switch
                        {
                            NodeType.Job when state.Status == JobStatus.Queued => state with { Status = JobStatus.Completed },
                            NodeType.Recipe when state.HasInput => state with { IsCompleted = true },
                            _ => state,
                        };
                    }
                }

                foreach (var condition in step.Decide)
                {
                    states[condition] = states[condition] with { IsProcessed = true, IsAccepted = random.Next(2) == 0 };
                }
            }

            return false;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(int.MaxValue));

    private static void Apply(RecipeStep step, NodeState[] states)
    {
        foreach (var n in step.Create)
        {
            states[n] = new NodeState { Exists = true, Status = step.CreateBlocked.Contains(n) ? JobStatus.Blocked : JobStatus.Pending };
        }

        foreach (var n in step.Queue)
        {
            states[n] = states[n] with { Status = JobStatus.Queued, ExecutionCount = 1, HasInput = true };
        }

        foreach (var n in step.GiveInput)
        {
            states[n] = states[n] with { HasInput = true };
        }
    }

    private static RecipeGraph RandomGraph(Random random, int size)
    {
        var nodes = ImmutableArray.CreateBuilder<GraphNode>();
        for (var i = 0; i < size; i++)
        {
            NodeType type = random.Next(4) switch
            {
                0 => new NodeType.Recipe("r", 1),
                1 => new NodeType.Condition(DataInterface.Empty, DataFilter.AcceptAll),
                _ => new NodeType.Job("j", "1", 1),
            };
            var parents = Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).Select(p => new GraphParent(p, random.Next(3) > 0));
            nodes.Add(new GraphNode(i, $"n{i}", type, parents.ToImmutableArray(), []));
        }

        return new RecipeGraph(DataInterface.Empty, nodes.ToImmutable());
    }

    private static NodeState RandomState(Random random) => random.Next(3) == 0
        ? default
        : new NodeState
        {
            Exists = true,
            Status = random.Next(2) == 0 ? JobStatus.Completed : (JobStatus)random.Next(7),
            ExecutionCount = random.Next(2),
            HasInput = random.Next(2) == 0,
            IsCompleted = random.Next(2) == 0,
            Blocks = random.Next(4) == 0,
            IsHeldBack = random.Next(3) == 0,
            IsProcessed = random.Next(3) > 0,
            IsAccepted = random.Next(2) == 0,
            HasError = random.Next(8) == 0,
        };
}
