using System.Text.Json.Nodes;

namespace Scale.Tests.Documents;

/// <summary>Documents as clients send them by mistake: members lost, renamed or doubled, values of any other kind.</summary>
public static class MutatedJson
{
    /// <summary>Stands for half a surrogate pair, which no writer of JSON lets through.</summary>
    private const string HalfPair = "\"half-pair\"";

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e999", "99999999999999999999", "2147483648", "\"\"", "\"7\"", "\"1.0\"", "\"a\"", "\"SCENE\"", "\"FILE_VALUE\"", "\"x/y~z'\\\"--\"",
        "\"\\u0000\"", "\"\\u00e9\\ud83d\\ude00\"", HalfPair, "\"2016-01-01T00:00:00Z\"", "\"P1D\"", "\"P999999999999D\"", "\"0001-01-01T00:00:00+23:59\"", "[]", "[[]]", "[{}]", "[1,1]",
        "{}", "{\"a\":{}}", "{\"SCENE\":{}}", "{\"name\":\"a\"}", "{\"name\":\"SCENE\"}",
    ];

    /// <summary>The text of a document with one to three changes.</summary>
    public static string Of(JsonNode sound, Random random)
    {
        JsonNode? json = sound.DeepClone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            json = Change(json, random, random.Next(1, 7), Values);
        }

        return (json?.ToJsonString() ?? "null").Replace(HalfPair, "\"\\ud800\"", StringComparison.Ordinal);
    }

    /// <summary>Goes down a random way and replaces, removes, renames or doubles what it finds.</summary>
    /// <param name="depth">Levels to go down at most.</param>
    /// <param name="values">JSON texts that take the place of others.</param>
    public static JsonNode? Change(JsonNode? json, Random random, int depth, IReadOnlyList<string> values)
    {
        switch (json)
        {
            case JsonObject members when depth > 0 && members.Count > 0:
                var name = members.ElementAt(random.Next(members.Count)).Key;
                var value = members[name];
                members.Remove(name);
                switch (random.Next(10))
                {
                    case 0:
                        break;
                    case 1:
                        members[name + "x"] = value;
                        break;
                    default:
                        members[name] = Change(value, random, depth - 1, values);
                        break;
                }

                return members;
            case JsonArray items when depth > 0 && items.Count > 0:
                var index = random.Next(items.Count);
                var item = items[index];
                items.RemoveAt(index);
                if (random.Next(6) == 0)
                {
                    items.Add(item?.DeepClone());
                }

                items.Insert(index, Change(item, random, depth - 1, values));
                return items;
            default:
                return JsonNode.Parse(values[random.Next(values.Count)]);
        }
    }
}
