namespace Scale.Store.Databases;

/// <summary>Conditions of a statement, of which those are left out that nothing is asked for.</summary>
internal sealed class Conditions
{
    private readonly List<string> texts = [];
    private readonly List<(string Name, object? Value)> arguments = [];

    public List<(string Name, object? Value)> Arguments => arguments;

    /// <summary>Joined by <c>AND</c>; empty when there is none.</summary>
    public string Sql => string.Join(" AND ", texts);

    /// <param name="value">Of the argument; null and an empty list ask for nothing.</param>
    public Conditions Add(string condition, string name, object? value)
    {
        if (value is not (null or Array { Length: 0 }))
        {
            texts.Add(condition);
            arguments.Add((name, value));
        }

        return this;
    }
}
