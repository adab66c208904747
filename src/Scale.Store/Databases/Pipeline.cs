using System.Data.Common;
using Npgsql;

namespace Scale.Store.Databases;

/// <summary>
/// Statements of one PostgreSQL session that wait to be sent together: most of what a small statement costs is the way there and back.
/// They run in the order they were added, and none runs behind one that failed.
/// </summary>
internal sealed class Pipeline(NpgsqlConnection connection, NpgsqlTransaction? transaction)
{
    private readonly List<NpgsqlBatchCommand> waiting = [];
    private readonly List<Action<DbDataReader>> reads = [];

    /// <param name="read">Called for every row; null for a statement that gives none.</param>
    public void Add(NpgsqlBatchCommand command, Action<DbDataReader>? read)
    {
        waiting.Add(command);
        if (read is not null)
        {
            reads.Add(read);
        }
    }

    /// <summary>What waits now, to be run by somebody else; nothing waits here then.</summary>
    public Pipeline Take()
    {
        var taken = new Pipeline(connection, transaction);
        taken.waiting.AddRange(waiting);
        taken.reads.AddRange(reads);
        waiting.Clear();
        reads.Clear();
        return taken;
    }

    /// <summary>Sends what waits, and reads what it answers.</summary>
    public async Task Run()
    {
        if (waiting.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(connection, transaction);
        waiting.ForEach(batch.BatchCommands.Add);
        Action<DbDataReader>[] readers = [.. reads];
        waiting.Clear();
        reads.Clear();
        await using var reader = await batch.ExecuteReaderAsync();
        foreach (var read in readers)
        {
            while (await reader.ReadAsync())
            {
                read(reader);
            }

            await reader.NextResultAsync();
        }
    }
}
