using System.Text.Json.Nodes;

namespace Scale.Model.Scheduling;

/// <summary>Amounts by lower-case name: cpus (count), mem and disk (MiB), gpus (whole count), any custom name. Absent means zero.</summary>
public sealed class Resources : IEquatable<Resources>
{
    public static readonly Resources None = new([]);

    // In the order of their names. They are few: to look through them is faster than any index.
    private readonly KeyValuePair<string, double>[] amounts;

    /// <param name="amounts">No name twice.</param>
    public Resources(IEnumerable<KeyValuePair<string, double>> amounts)
    {
        this.amounts = [.. amounts.Where(a => a.Value != 0)];
        Array.Sort(this.amounts, (left, right) => string.CompareOrdinal(left.Key, right.Key));
    }

    public static Resources Of(double cpus, double mem, double disk, double gpus = 0) =>
        new([new("cpus", cpus), new("mem", mem), new("disk", disk), new("gpus", gpus)]);

    public double this[string name]
    {
        get
        {
            foreach (var (known, amount) in amounts)
            {
                if (known == name)
                {
                    return amount;
                }
            }

            return 0;
        }
    }

    public IReadOnlyList<KeyValuePair<string, double>> Amounts => amounts;

    public static Resources operator +(Resources left, Resources right) => Combine(left, right, 1);

    public static Resources operator -(Resources left, Resources right) => Combine(left, right, -1);

    /// <summary>Whether every amount needed is there.</summary>
    public bool Covers(Resources needed)
    {
        foreach (var (name, amount) in needed.amounts)
        {
            if (this[name] + Tolerance < amount)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Canonical text, also the stored form: <c>{"cpus":1,"mem":128}</c> with names in order.</summary>
    public string ToText() => ToJson().ToJsonString();

    public JsonObject ToJson() => new(amounts.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)JsonValue.Create(a.Value))));

    public static Resources FromText(string text) =>
        new(JsonNode.Parse(text)!.AsObject().Select(a => KeyValuePair.Create(a.Key, a.Value!.GetValue<double>())));

    public bool Equals(Resources? other) => other is not null && amounts.SequenceEqual(other.amounts);

    public override bool Equals(object? obj) => Equals(obj as Resources);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, amount) in amounts)
        {
            hash.Add(name);
            hash.Add(amount);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => ToText();

    // Sums of fractions such as 0.1 + 0.2 must not make a full node look over-full.
    private const double Tolerance = 1e-9;

    private static Resources Combine(Resources left, Resources right, int sign)
    {
        var sum = new List<KeyValuePair<string, double>>(left.amounts.Length + right.amounts.Length);
        foreach (var (name, amount) in left.amounts)
        {
            sum.Add(new(name, amount + (sign * right[name])));
        }

        foreach (var (name, amount) in right.amounts)
        {
            if (left[name] == 0)
            {
                sum.Add(new(name, sign * amount));
            }
        }

        return new Resources(sum);
    }
}
