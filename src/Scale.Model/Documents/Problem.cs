namespace Scale.Model.Documents;

/// <summary>One thing wrong with a document: the contract's error or warning name, where it is, and what to do about it.</summary>
/// <param name="Name">The name clients test, such as <c>INVALID_DEFINITION</c>.</param>
/// <param name="Path">JSON pointer into the document, empty for the document as a whole.</param>
/// <param name="Description">Free text for the person who can act; names the thing and the value.</param>
public sealed record Problem(string Name, string Path, string Description)
{
    /// <summary>The description with its place in front, as shown in error bodies.</summary>
    public string Text => Path.Length == 0 ? Description : $"{Path}: {Description}";
}

/// <summary>A document read from JSON, or every problem that kept it from being read.</summary>
/// <typeparam name="T">The parsed document, a different type from its JSON.</typeparam>
public sealed record Parsed<T>(T? Document, IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings)
    where T : class
{
    public bool IsValid => Errors.Count == 0;

    /// <summary>The document, or a <see cref="DocumentException"/> that holds every error.</summary>
    public T Required() => IsValid && Document is not null ? Document : throw new DocumentException(Errors);
}

/// <summary>Thrown where a document must be valid and is not.</summary>
public sealed class DocumentException(IReadOnlyList<Problem> problems)
    : Exception(string.Join("; ", problems.Select(p => p.Text)))
{
    public IReadOnlyList<Problem> Problems { get; } = problems;
}
