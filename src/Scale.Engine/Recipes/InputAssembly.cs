using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Gives ready nodes their input: values over their connections from the recipe's input and the outputs of the nodes before (recipes.md §10.2).</summary>
internal sealed class InputAssembly(Session session)
{
    /// <returns>Recipes in which more may follow at once: a condition was decided, or something refused its input.</returns>
    public async Task<IEnumerable<RecipeWork>> Handle(List<ReadyNode> ready)
    {
        if (ready.Count == 0)
        {
            return [];
        }

        await LoadOutputs(ready);
        var assembled = ready.ConvertAll(r => (Node: r, Values: Assemble(r)));
        var facts = await LoadFacts(assembled);
        var again = new List<RecipeWork>();
        foreach (var (node, values) in assembled)
        {
            if (Give(node, values, facts))
            {
                again.Add(node.Work);
            }
        }

        return again;
    }

    private async Task LoadOutputs(List<ReadyNode> ready)
    {
        var senders = new Dictionary<long, JobWork>();
        foreach (var node in ready)
        {
            foreach (var connection in node.Graph.Connections)
            {
                if (connection.Node is { } parent && node.Work.Nodes[parent] is JobWork { Output: null } job)
                {
                    senders[job.Id] = job;
                }
            }
        }

        if (senders.Count == 0)
        {
            return;
        }

        foreach (var (jobId, output) in await RecipeReads.Outputs(session, [.. senders.Keys]))
        {
            senders[jobId].Output = DataValues.FromText(output);
        }

        foreach (var job in senders.Values)
        {
            job.Output ??= DataValues.Empty;
        }
    }

    private static DataValues Assemble(ReadyNode node)
    {
        if (node.Node is JobWork { HasInput: true })
        {
            return DataValues.Empty;
        }

        var files = DataValues.NoFiles.ToBuilder();
        var json = DataValues.NoJson.ToBuilder();
        foreach (var connection in node.Graph.Connections)
        {
            var sender = connection.Node is { } parent ? OutputOf(node.Work.Nodes[parent]) : node.Work.Input;
            if (sender.Files.TryGetValue(connection.Source, out var ids))
            {
                files[connection.Input] = ids;
            }
            else if (sender.Json.TryGetValue(connection.Source, out var value))
            {
                json[connection.Input] = value;
            }
        }

        return new DataValues(files.ToImmutable(), json.ToImmutable());
    }

    private static DataValues OutputOf(NodeWork? node) => node switch
    {
        JobWork job => job.Output ?? DataValues.Empty,
        ConditionWork condition => condition.Data ?? DataValues.Empty,
        _ => DataValues.Empty,
    };

    private async Task<Dictionary<long, FileFacts>> LoadFacts(List<(ReadyNode Node, DataValues Values)> assembled)
    {
        var fileIds = assembled.Where(a => a.Node.Graph.Type is NodeType.Condition { Filter.Items.IsEmpty: false }).SelectMany(a => a.Values.FileIds).Distinct().ToArray();
        return fileIds.Length == 0 ? [] : (await RecipeReads.Facts(session, fileIds)).ToDictionary(f => f.Id, f => f.Facts);
    }

    private static bool Give(ReadyNode node, DataValues values, Dictionary<long, FileFacts> facts)
    {
        switch (node.Node)
        {
            case JobWork { HasInput: true } job:
                job.IsReady = true;
                return false;
            case JobWork job:
                return GiveJob(job, values.Validate(((NodeTarget.Job)node.Target!).Inputs));
            case SubRecipeWork sub:
                return GiveSubRecipe(sub, values.Validate(((NodeTarget.Recipe)node.Target!).Inputs));
            case ConditionWork condition:
                Decide(condition, (NodeType.Condition)node.Graph.Type, values, facts);
                return true;
            default:
                return false;
        }
    }

    private static bool GiveJob(JobWork job, (DataValues Values, IReadOnlyList<Problem> Errors) input)
    {
        if (input.Errors.Count > 0)
        {
            job.CancelBecause(TextOf(input.Errors));
            return true;
        }

        job.NewInput = input.Values;
        job.HasInput = true;
        job.IsReady = true;
        return false;
    }

    private static bool GiveSubRecipe(SubRecipeWork sub, (DataValues Values, IReadOnlyList<Problem> Errors) input)
    {
        if (input.Errors.Count > 0)
        {
            sub.Refuse(TextOf(input.Errors));
            return true;
        }

        sub.HasInput = true;
        sub.NewInput = input.Values.ToText();
        if (sub.NewRow is not null)
        {
            sub.NewRow.Input = sub.NewInput;
        }

        return false;
    }

    private static string TextOf(IEnumerable<Problem> errors) => string.Join("; ", errors.Select(e => e.Text));

    private static void Decide(ConditionWork condition, NodeType.Condition type, DataValues values, Dictionary<long, FileFacts> facts)
    {
        var (fitting, errors) = values.Validate(type.Interface);
        condition.IsChanged = true;
        if (errors.Count > 0)
        {
            condition.Error = TextOf(errors);
            condition.HasError = true;
            return;
        }

        condition.Data = fitting;
        condition.IsProcessed = true;
        condition.IsAccepted = type.Filter.Accepts(fitting, facts);
    }
}
