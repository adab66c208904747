using Scale.Store.Databases;
using Scale.Store.Scheduling;
using Scale.Store.Tests.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Scheduling;

public sealed class NodeStoreTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Presence_comes_and_goes_and_what_people_set_stays(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await Discovered(test, ("a", "{}"), ("b", "{}"));
        await test.Write(session => session.Execute("UPDATE node SET is_active = FALSE, is_paused = TRUE WHERE hostname = 'a'"));
        await Discovered(test, ("b", "{}"));
        Assert.Equal([("a", false, false, true), ("b", true, true, false)], await Nodes(test));

        await Discovered(test, ("a", """{"cpus":2}"""), ("b", "{}"));
        Assert.Equal([("a", true, false, true), ("b", true, true, false)], await Nodes(test));
        Assert.Equal("""{"cpus":2}""", (await test.Write(async session => await NodeStore.All(session))).Single(n => n.Hostname == "a").Resources);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_cluster_without_nodes_has_none_present(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await Discovered(test, ("a", "{}"));
        await Discovered(test);
        Assert.Equal([("a", false, true, false)], await Nodes(test));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Settings_are_read_as_they_are(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        Assert.Equal(new SchedulerSettings(false, false), await test.Write(NodeStore.Settings));
        await test.Write(session => session.Execute("UPDATE scheduler SET is_paused = TRUE, queue_mode = 'LIFO'"));
        Assert.Equal(new SchedulerSettings(true, true), await test.Write(NodeStore.Settings));
    }

    private static Task Discovered(TestDatabase test, params (string, string)[] nodes) => test.Write(session => NodeStore.Discovered(session, "local", nodes, StoredJobs.Now));

    private static async Task<IEnumerable<(string, bool, bool, bool)>> Nodes(TestDatabase test) =>
        (await test.Write(async session => await NodeStore.All(session))).OrderBy(n => n.Hostname).Select(n => (n.Hostname, n.IsPresent, n.IsActive, n.IsPaused));
}
