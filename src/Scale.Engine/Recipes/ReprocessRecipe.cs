using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Reprocesses one recipe that somebody named (recipes.md §3, §11).</summary>
public sealed class ReprocessRecipe(RecipeTypeCatalog catalog, RecipeReprocess reprocess) : ICommandHandler
{
    public const string CommandKind = "reprocess-recipe";

    public string Kind => CommandKind;

    /// <summary>Appends the command with an event of its own in the caller's transaction; wake the leader after the commit.</summary>
    /// <param name="recipeId">A recipe that is not superseded. If it is once the command runs, nothing happens.</param>
    /// <param name="user">Login name, null for nobody in particular.</param>
    public static async Task Append(Session session, long recipeId, long familyId, long revisionId, ForcedNodes forced, string? user, DateTime now)
    {
        var eventId = await session.Insert(
            "event", ("type", "USER"), ("description", new JsonObject { ["user"] = user ?? "Anonymous" }.ToJsonString()), ("occurred", now));
        await CommandLog.Append(
            session,
            CommandKind,
            new JsonObject
            {
                ["recipe_id"] = recipeId,
                ["family_id"] = familyId,
                ["revision_id"] = revisionId,
                ["event_id"] = eventId,
                ["forced_nodes"] = forced.ToJson(),
            },
            now);
    }

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var arguments = command.Arguments;
        var revision = await catalog.Get(transaction.Session, arguments.GetProperty("revision_id").GetInt64());
        if ((await RecipeTypeReads.ActiveRecipeTypes(transaction.Session, [revision.RecipeTypeId])).Count == 0)
        {
            return new CommandSlice(true, new JsonObject { ["error"] = $"Recipe type {revision.TypeName} is not active." });
        }

        var request = new ReprocessRequest(
            [arguments.GetProperty("family_id").GetInt64()],
            revision.Id,
            ForcedNodes.Parse(arguments.GetProperty("forced_nodes")).Required(),
            arguments.GetProperty("event_id").GetInt64(),
            BatchId: null,
            OnlyRecipeId: arguments.GetProperty("recipe_id").GetInt64());
        var outcome = (await reprocess.Run(transaction, request)).Single();
        return new CommandSlice(true, new JsonObject { ["recipe_id"] = outcome.RecipeId, ["error"] = outcome.Error });
    }
}
