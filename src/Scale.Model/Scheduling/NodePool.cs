namespace Scale.Model.Scheduling;

/// <summary>Nodes and needs as rows of numbers, one column per resource name, so that one check is a few comparisons.</summary>
internal sealed class NodePool
{
    private const double Tolerance = 1e-9;
    private const string Cpus = "cpus";
    private const string Gpus = "gpus";

    private readonly string[] names;
    private readonly PlacementNode[] nodes;
    private readonly double[][] free;
    private readonly double[][] total;
    private readonly bool[] reserved;

    public NodePool(PlacementInput input)
    {
        nodes = input.Nodes.Where(n => n.IsActive).OrderBy(n => n.Id).ToArray();
        names = nodes.SelectMany(n => n.Total.Amounts).Concat(input.Classes.SelectMany(c => c.Needed.Amounts))
            .Select(a => a.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        free = nodes.Select(n => Row(n.Free, Math.Floor)).ToArray();
        total = nodes.Select(n => Row(n.Total, Math.Floor)).ToArray();
        reserved = new bool[nodes.Length];
    }

    public int Count => nodes.Length;

    public double[] Needs(Resources needed) => Row(needed, Math.Ceiling);

    public long IdOf(int node) => nodes[node].Id;

    public int? IndexOf(long id) => Array.FindIndex(nodes, n => n.Id == id) is var index and >= 0 ? index : null;

    public void Reserve(int node) => reserved[node] = true;

    /// <summary>Whether the node may drain for the job: nobody keeps it, and empty it would do.</summary>
    public bool CanBeKept(int node, double[] needed) => !nodes[node].IsPaused && !reserved[node] && Covers(total[node], needed);

    /// <summary>Whether some node would do if it were empty.</summary>
    public bool AnyCouldEverRun(double[] needed, bool unpausedOnly)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            if (!(unpausedOnly && nodes[i].IsPaused) && Covers(total[i], needed))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The tightest node that can take the job now, so that big holes stay whole; null when there is none.</summary>
    public int? Tightest(double[] needed, bool ofReserved)
    {
        int? best = null;
        var bestLeft = double.MaxValue;
        for (var i = 0; i < nodes.Length; i++)
        {
            if (nodes[i].IsPaused || reserved[i] != ofReserved || !Covers(free[i], needed))
            {
                continue;
            }

            var left = LeftShare(i, needed);
            if (left < bestLeft)
            {
                best = i;
                bestLeft = left;
            }
        }

        return best;
    }

    /// <summary>The node with the most cpus left that can take the job now or keep it until its turn comes; null when there is none.</summary>
    /// <param name="ahead">How many times its cpus a node may be given besides those that are free. Of all else it gives no more than there is.</param>
    public int? RoomiestInTurn(double[] needed, double ahead)
    {
        var cpus = Array.IndexOf(names, Cpus);
        int? best = null;
        for (var i = 0; cpus >= 0 && i < nodes.Length; i++)
        {
            if (!nodes[i].IsPaused && Covers(total[i], needed) && Covers(free[i], needed, cpus, ahead * total[i][cpus]) && (best is not { } other || free[i][cpus] > free[other][cpus]))
            {
                best = i;
            }
        }

        return best;
    }

    /// <summary>Of the nodes nobody keeps, the one that lacks least to run the job; null when none ever could.</summary>
    public int? ClosestToFit(double[] needed)
    {
        int? best = null;
        var bestLack = double.MaxValue;
        for (var i = 0; i < nodes.Length; i++)
        {
            if (!CanBeKept(i, needed))
            {
                continue;
            }

            var lack = 0.0;
            for (var r = 0; r < needed.Length; r++)
            {
                lack += needed[r] > free[i][r] ? (needed[r] - free[i][r]) / needed[r] : 0;
            }

            if (lack < bestLack)
            {
                best = i;
                bestLack = lack;
            }
        }

        return best;
    }

    public void Take(int node, double[] needed)
    {
        for (var r = 0; r < needed.Length; r++)
        {
            free[node][r] -= needed[r];
        }
    }

    /// <summary>Names of resources that no node has enough of; or, when only their combination is missing, those that the closest node lacks.</summary>
    public IReadOnlyList<string> Missing(double[] needed)
    {
        var nowhere = new List<string>();
        for (var r = 0; r < needed.Length; r++)
        {
            if (needed[r] > 0 && total.All(t => t[r] + Tolerance < needed[r]))
            {
                nowhere.Add(names[r]);
            }
        }

        return nowhere.Count > 0
            ? nowhere
            : total.Select(t => names.Where((_, r) => t[r] + Tolerance < needed[r]).ToList()).MinBy(lacking => lacking.Count) ?? [];
    }

    // The share of the node that stays free, added over all its resources: a node with idle GPUs looks roomy to a job without.
    private double LeftShare(int node, double[] needed)
    {
        var left = 0.0;
        for (var r = 0; r < needed.Length; r++)
        {
            left += total[node][r] > 0 ? (free[node][r] - needed[r]) / total[node][r] : 0;
        }

        return left;
    }

    /// <param name="column">Of what <paramref name="more"/> is offered; -1 for nothing.</param>
    private static bool Covers(double[] offered, double[] needed, int column = -1, double more = 0)
    {
        for (var r = 0; r < needed.Length; r++)
        {
            if (needed[r] > 0 && offered[r] + (r == column ? more : 0) + Tolerance < needed[r])
            {
                return false;
            }
        }

        return true;
    }

    private double[] Row(Resources amounts, Func<double, double> wholeGpus) =>
        names.Select(name => name == Gpus ? wholeGpus(amounts[name]) : amounts[name]).ToArray();
}
