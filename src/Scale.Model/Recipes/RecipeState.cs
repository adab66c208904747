namespace Scale.Model.Recipes;

/// <summary>How a recipe is doing, in one word; the first that fits.</summary>
public enum RecipeState
{
    Completed,

    /// <summary>Replaced before it was complete.</summary>
    Superseded,

    /// <summary>Made, but not evaluated yet.</summary>
    Creating,

    /// <summary>Jobs of it are queued or running.</summary>
    Running,

    /// <summary>Nothing goes on because of failed jobs.</summary>
    Failed,

    /// <summary>Nothing goes on because of canceled jobs, or because it can never begin.</summary>
    Canceled,

    /// <summary>Nothing goes on because of a failure before it in its container, or of a condition that can't be decided.</summary>
    Blocked,

    /// <summary>Waits for what is before it in its container.</summary>
    Waiting,
}

public static class RecipeStates
{
    public static readonly IReadOnlyList<string> Names = [.. Enum.GetValues<RecipeState>().Select(NameOf)];

    /// <param name="isContained">It is the sub-recipe of another.</param>
    /// <param name="nodeStates">Text of <see cref="NodeStates"/>; empty before the first evaluation.</param>
    /// <param name="canBegin">Whether nothing speaks against its ever starting.</param>
    public static RecipeState Of(bool isCompleted, bool isSuperseded, bool isContained, string nodeStates, bool canBegin, JobCounts jobs) =>
        isCompleted ? RecipeState.Completed
        : isSuperseded ? RecipeState.Superseded
        : nodeStates.Length == 0 && !isContained ? RecipeState.Creating
        : jobs.Queued + jobs.Running > 0 ? RecipeState.Running
        : jobs.Failed > 0 ? RecipeState.Failed
        : jobs.Canceled > 0 || !canBegin ? RecipeState.Canceled
        : NodeStates.Block(nodeStates) ? RecipeState.Blocked
        : RecipeState.Waiting;

    /// <summary>As clients spell it.</summary>
    public static string NameOf(this RecipeState state) => state.ToString().ToLowerInvariant();

    /// <returns>The state of that name, null when there is none.</returns>
    public static RecipeState? Find(string name) => Enum.GetValues<RecipeState>().Where(s => s.NameOf() == name).Select(s => (RecipeState?)s).FirstOrDefault();
}
