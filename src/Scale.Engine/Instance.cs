using System.Globalization;
using Scale.Store.Databases;

namespace Scale.Engine;

/// <summary>Which installation this is. Its name is part of what executions are called outside, so that two installations on one cluster don't meet.</summary>
public sealed class Instance
{
    private const string Key = "id";

    /// <summary>Letters and digits, never an underscore; empty until <see cref="Load"/>.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Reads the name, which the first start makes.</summary>
    public async Task Load(Session session)
    {
        await session.Execute(
            "INSERT INTO instance (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING",
            ("name", Key), ("value", Guid.NewGuid().ToString("N")[..8]));
        Name = (await session.QueryFirst("SELECT value FROM instance WHERE name = @name", r => r.GetString(0), ("name", Key)))!;
    }

    /// <summary>Name of an execution outside (jobs-and-queue.md §6), <c>scale_job_{instance}_{job}x{exe}</c>.</summary>
    public string ClusterIdOf(long jobId, int exeNum) => string.Create(CultureInfo.InvariantCulture, $"scale_job_{Name}_{jobId}x{exeNum}");
}
