using Scale.Api.Tests.Hosting;

namespace Scale.Api.Tests.Rows;

internal static class Orders
{
    /// <summary>Sorts a list by every field that its refusal of an unknown one names, both ways and in both spellings of relations.</summary>
    public static async Task<IReadOnlyCollection<string>> TryAll(ApiFixture api, string path)
    {
        var refusal = (await api.Get(path + "?order=nothing")).Expect(400).Detail;
        var names = refusal[(refusal.IndexOf("fields are ", StringComparison.Ordinal) + "fields are ".Length)..].TrimEnd('.').Split(", ");
        foreach (var name in names)
        {
            (await api.Get($"{path}?order={name}&order=-{name.Replace(".", "__", StringComparison.Ordinal)}")).Expect(200);
            (await api.Get($"{path}?order=-{name}")).Expect(200);
        }

        return names;
    }
}
