using Scale.Store.Databases;

namespace Scale.Store.RecipeTypes;

/// <summary>Recipe types and what contains what, by their current definitions.</summary>
public static class RecipeTypeQueries
{
    public static Task<StoredRecipeType?> Find(Session session, string name) =>
        session.QueryFirst($"SELECT {StoredRecipeType.Columns} FROM recipe_type t WHERE t.name = @name", StoredRecipeType.Read, ("name", name));

    /// <returns>The revision of that number, null when there is none.</returns>
    public static Task<StoredRecipeTypeRevision?> Revision(Session session, long recipeTypeId, long number) => session.QueryFirst(
        "SELECT id, revision_num, definition, created FROM recipe_type_revision WHERE recipe_type_id = @type AND revision_num = @number",
        r => new StoredRecipeTypeRevision(r.GetInt64(0), r.GetInt32(1), r.GetString(2), r.Moment(3)),
        ("type", recipeTypeId), ("number", number));

    public static Task<List<StoredRecipeType>> ByIds(Session session, long[] ids) =>
        session.Query($"SELECT {StoredRecipeType.Columns} FROM recipe_type t WHERE t.id IN @ids ORDER BY t.name", StoredRecipeType.Read, ("ids", ids));

    /// <summary>Types with a job node of that job type, direct nodes only.</summary>
    public static Task<List<StoredRecipeType>> ContainingJobType(Session session, long jobTypeId) => session.Query(
        $"SELECT {StoredRecipeType.Columns} FROM recipe_type t JOIN recipe_type_job_type l ON l.recipe_type_id = t.id WHERE l.job_type_id = @id ORDER BY t.name",
        StoredRecipeType.Read, ("id", jobTypeId));

    /// <summary>Types with a node of that recipe type, direct nodes only.</summary>
    public static Task<List<StoredRecipeType>> ContainingRecipeType(Session session, long recipeTypeId) => session.Query(
        $"SELECT {StoredRecipeType.Columns} FROM recipe_type t JOIN recipe_type_sub_recipe_type l ON l.recipe_type_id = t.id WHERE l.sub_recipe_type_id = @id ORDER BY t.name",
        StoredRecipeType.Read, ("id", recipeTypeId));

    /// <summary>Types that are nodes of that recipe type.</summary>
    public static Task<List<StoredRecipeType>> Inside(Session session, long recipeTypeId) => session.Query(
        $"SELECT {StoredRecipeType.Columns} FROM recipe_type t JOIN recipe_type_sub_recipe_type l ON l.sub_recipe_type_id = t.id WHERE l.recipe_type_id = @id ORDER BY t.name",
        StoredRecipeType.Read, ("id", recipeTypeId));

    /// <summary>The given types and all that contain them, however deep, the contained before the containing; cycles are cut.</summary>
    public static async Task<List<StoredRecipeType>> WithContaining(Session session, IReadOnlyList<StoredRecipeType> start)
    {
        var containing = new Dictionary<long, List<StoredRecipeType>>();
        var open = new Queue<StoredRecipeType>(start);
        while (open.TryDequeue(out var type))
        {
            if (containing.ContainsKey(type.Id))
            {
                continue;
            }

            containing[type.Id] = await ContainingRecipeType(session, type.Id);
            containing[type.Id].ForEach(open.Enqueue);
        }

        // Post-order over "is contained in" puts the outermost first; reversed, children come before their parents.
        var order = new List<StoredRecipeType>();
        var seen = new HashSet<long>();
        void Visit(StoredRecipeType type)
        {
            if (seen.Add(type.Id))
            {
                containing[type.Id].ForEach(Visit);
                order.Add(type);
            }
        }

        foreach (var type in start)
        {
            Visit(type);
        }

        order.Reverse();
        return order;
    }
}
