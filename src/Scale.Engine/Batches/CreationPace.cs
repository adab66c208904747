using System.Text.Json.Nodes;
using Scale.Engine.Commands;

namespace Scale.Engine.Batches;

/// <summary>
/// How many items one slice of a creation takes. Items of a slice that failed several times are taken one by one, and one that goes on failing then is left
/// out as failed: no item ever holds up a batch (batches-and-datasets.md §5.2).
/// </summary>
/// <param name="Careful">How many items are still taken one by one.</param>
/// <param name="SkipReason">Set when the one item of this slice is not tried any more.</param>
internal readonly record struct CreationPace(int Limit, int Careful, string? SkipReason)
{
    private const string Member = "careful";
    private const int AttemptsTogether = 3;
    private const int AttemptsAlone = 4;

    /// <param name="full">Items of a slice when all goes well.</param>
    public static CreationPace Of(Command command, int full)
    {
        var careful = command.Progress.TryGetProperty(Member, out var stored) ? stored.GetInt32() : 0;
        var isGivenUp = command.Attempts >= (careful > 0 ? AttemptsAlone : AttemptsTogether + AttemptsAlone);
        careful = command.Attempts >= AttemptsTogether ? Math.Max(careful, full) : careful;
        return new CreationPace(careful > 0 ? 1 : full, careful, isGivenUp ? $"It could not be made: {command.Error}" : null);
    }

    /// <summary>Remembers how many items to take one by one after this slice.</summary>
    public JsonObject Continue(JsonObject progress)
    {
        if (Careful > 1)
        {
            progress[Member] = Careful - 1;
        }

        return progress;
    }
}
