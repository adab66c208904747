using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Databases;

namespace Scale.Engine.Tests.Simulation;

/// <summary>An order for the simulation to queue jobs, two a slice.</summary>
internal sealed class QueueCommand(Func<JobTransitions> transitions) : ICommandHandler
{
    public const string CommandKind = "queue";
    private const int SliceSize = 2;

    public string Kind => CommandKind;

    public static JsonObject Arguments(IEnumerable<long> jobs) => new() { ["jobs"] = new JsonArray([.. jobs.Select(j => (JsonNode)j)]) };

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var all = command.Arguments.GetProperty("jobs").EnumerateArray().Select(j => j.GetInt64()).ToList();
        var done = command.Progress.TryGetProperty("done", out var progress) ? progress.GetInt32() : 0;
        var slice = all.Skip(done).Take(SliceSize).ToArray();
        var jobs = await transaction.Session.Query(
            "SELECT id, job_type_id, num_exes, coalesce(input_file_size, 0), configuration, batch_id FROM job WHERE id IN @ids",
            r => new JobToQueue(r.GetInt64(0), r.GetInt64(1), r.GetInt32(2), r.GetDouble(3), r.Text(4), r.Long(5)),
            ("ids", slice));
        await transitions().Queue(transaction, jobs);
        return done + slice.Length >= all.Count ? CommandSlice.Done : new CommandSlice(false, new JsonObject { ["done"] = done + slice.Length });
    }
}
