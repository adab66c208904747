using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Data;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

/// <summary>What reprocessing relies on, whatever two definitions look like.</summary>
public class RecipeDiffPropertyTests
{
    [Fact]
    public void Derived_sets_hold_together() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var (previous, next) = (RandomDefinition(random), RandomDefinition(random));
            var forced = ForcedNodes.None with { Nodes = [.. next.Graph.Nodes.Select(n => n.Name).Where(_ => random.Next(8) == 0)] };
            var diff = RecipeDiff.Compute(previous, next, forced);
            var oldNames = previous.Graph.Nodes.Select(n => n.Name).ToHashSet();
            var newNames = next.Graph.Nodes.Select(n => n.Name).ToHashSet();
            var rerun = diff.Nodes.Values.Where(n => n.ReprocessNewNode).Select(n => n.Name).ToHashSet();
            var parentsOf = next.Graph.Nodes.ToDictionary(n => n.Name, n => n.Parents.Select(p => next.Graph.Nodes[p.Index].Name).ToList());
            return diff.Copy.Concat(rerun).Order().SequenceEqual(newNames.Order())
                && diff.Copy.Concat(diff.Supersede).Order().SequenceEqual(oldNames.Order())
                && diff.Unpublish.SetEquals(oldNames.Except(newNames))
                && diff.Copy.All(n => parentsOf[n].All(diff.Copy.Contains))
                && forced.Nodes.All(rerun.Contains)
                && diff.Full.IsSubsetOf(rerun);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(int.MaxValue));

    [Fact]
    public void A_definition_differs_from_itself_in_nothing() =>
        Prop.ForAll<int>(seed =>
        {
            var definition = RandomDefinition(new Random(seed));
            var diff = RecipeDiff.Compute(definition, RecipeDefinition.FromText(definition.ToText()), ForcedNodes.None);
            return diff.CanBeReprocessed && diff.Supersede.IsEmpty && diff.Full.IsEmpty && diff.Copy.Count == definition.Graph.Nodes.Length;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(int.MaxValue));

    private static RecipeDefinition RandomDefinition(Random random)
    {
        var names = Enumerable.Range(0, 8).Select(i => $"n{i}").Where(_ => random.Next(4) > 0).ToArray();
        var nodes = names.Select((name, i) => new GraphNode(
            i,
            name,
            random.Next(6) switch
            {
                0 => new NodeType.Recipe("r", random.Next(2)),
                1 => new NodeType.Condition(DataInterface.Empty, DataFilter.AcceptAll with { All = random.Next(4) > 0 }),
                _ => new NodeType.Job("j", "1.0.0", random.Next(8) / 7),
            },
            [.. Enumerable.Range(0, i).Where(_ => random.Next(4) == 0).Select(p => new GraphParent(p, random.Next(8) > 0))],
            []));
        return new RecipeDefinition { Graph = new RecipeGraph(DataInterface.Empty, nodes.ToImmutableArray()) };
    }
}
