namespace Scale.Store.Files;

/// <summary>Where a file came from. The numbers are stored; never renumber.</summary>
public enum FileType : short
{
    Source = 0,
    Product = 1,
}

/// <summary>Names of file types as the API writes them.</summary>
public static class FileTypes
{
    /// <summary><c>SOURCE</c> or <c>PRODUCT</c>.</summary>
    public static string NameOf(this FileType type) => type == FileType.Source ? "SOURCE" : "PRODUCT";

    /// <summary>The type of a name, or null for any other text.</summary>
    public static FileType? FromName(string name) => name switch
    {
        "SOURCE" => FileType.Source,
        "PRODUCT" => FileType.Product,
        _ => null,
    };
}
