using System.Text.Json.Nodes;

namespace Scale.Api.Tests.Hosting;

/// <summary>Documents as clients send them by mistake: members lost, renamed or doubled, values of any other kind.</summary>
public static class MutatedJson
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e999", "99999999999999999999", "\"\"", "\"7\"", "\"1.0\"", "\"a\"", "\"x/y~z'\\\"--\"", "\"\\u00e9\\ud83d\\ude00\"", "[]", "[[]]", "[{}]", "{}",
        "{\"a\":{}}", "{\"name\":\"a\"}",
    ];

    public static string Of(JsonNode sound, Random random)
    {
        JsonNode? json = sound.DeepClone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            json = Mutate(json, random, random.Next(1, 7));
        }

        return json?.ToJsonString() ?? "null";
    }

    private static JsonNode? Mutate(JsonNode? json, Random random, int depth)
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
                        members[name] = Mutate(value, random, depth - 1);
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

                items.Insert(index, Mutate(item, random, depth - 1));
                return items;
            default:
                return JsonNode.Parse(Values[random.Next(Values.Length)]);
        }
    }
}
