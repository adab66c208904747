namespace Scale.Model.Errors;

/// <summary>Whose fault an error is. The numbers are stored; never renumber.</summary>
public enum ErrorCategory : short
{
    System = 0,
    Algorithm = 1,
    Data = 2,
}

/// <summary>Names of categories as the API writes them.</summary>
public static class ErrorCategories
{
    /// <summary><c>SYSTEM</c>, <c>ALGORITHM</c> or <c>DATA</c>.</summary>
    public static string NameOf(this ErrorCategory category) => category switch
    {
        ErrorCategory.System => "SYSTEM",
        ErrorCategory.Algorithm => "ALGORITHM",
        ErrorCategory.Data => "DATA",
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "is no error category"),
    };

    /// <summary>The category of a name, or null for any other text.</summary>
    public static ErrorCategory? FromName(string name) => name switch
    {
        "SYSTEM" => ErrorCategory.System,
        "ALGORITHM" => ErrorCategory.Algorithm,
        "DATA" => ErrorCategory.Data,
        _ => null,
    };
}
