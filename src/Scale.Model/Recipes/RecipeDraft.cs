using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>A definition as it is written: nodes in document order, references still by name.</summary>
internal sealed class RecipeDraft
{
    /// <summary>Null when the document's input could not be read; references to it are then not judged.</summary>
    public DataInterface? Input { get; set; }

    public List<DraftNode> Nodes { get; } = [];

    /// <summary>Problems of the JSON's shape, then of what is in it.</summary>
    public List<Problem> Problems { get; } = [];

    /// <summary>Problems of things that the definition refers to, reported after those of the graph.</summary>
    public List<Problem> LookupProblems { get; } = [];
}

/// <param name="Path">JSON pointer of the node.</param>
/// <param name="Type">Null when it could not be read.</param>
internal sealed record DraftNode(string Name, string Path, NodeType? Type, List<DraftDependency> Dependencies, List<DraftConnection> Connections);

internal sealed record DraftDependency(string Path, string Node, bool Acceptance);

/// <param name="Node">Name of the node that gives the value, null for the recipe's input.</param>
internal sealed record DraftConnection(string Path, string Input, string? Node, string Source);
