using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>What several rounds of one evaluation read once: the later ones then decide without asking the database, which has the rows of the former to write meanwhile.</summary>
internal sealed class RoundReads(Session session)
{
    private readonly Dictionary<long, JobTypeNow> jobTypes = [];

    public InputFiles Files { get; } = new(session);

    public async Task LoadJobTypes(IEnumerable<long> ids)
    {
        var missing = ids.Where(id => !jobTypes.ContainsKey(id)).ToArray();
        if (missing.Length > 0)
        {
            foreach (var type in await RecipeTypeReads.JobTypesNow(session, missing))
            {
                jobTypes[type.Id] = type;
            }
        }
    }

    /// <summary>A job type that was loaded.</summary>
    public JobTypeNow JobType(long id) => jobTypes[id];
}
