namespace Scale.Store.Databases;

/// <summary>Reads a row that is about to be edited.</summary>
internal static class RowLock
{
    /// <summary>
    /// Keeps others from editing the row until the transaction ends, then reads it. Null when there is none: a row that was committed right after it was
    /// looked for is not locked, and not found.
    /// </summary>
    /// <param name="condition">Which row, over the columns of <paramref name="table"/>.</param>
    public static async Task<T?> FindForEdit<T>(this Session session, string table, string condition, Func<Task<T?>> find, params (string Name, object? Value)[] arguments)
        where T : class =>
        // A write that changes nothing locks the row in both databases.
        await session.Execute($"UPDATE {table} SET id = id WHERE {condition}", arguments) == 0 ? null : await find();
}
