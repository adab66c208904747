using System.Text;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Tests.Workspaces;

/// <summary>What every broker does, and what only folders of this machine have to fear.</summary>
public sealed class WorkspaceBrokerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("scale-workspace-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<bool> Brokers => [true, false];

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task What_was_put_is_there_under_its_path(bool isHost)
    {
        var broker = Broker(isHost);
        await Put(broker, "a/b/c.txt", "text");
        Assert.Equal(4, await broker.SizeOf("a/b/c.txt", Cancel));
        Assert.Null(await broker.SizeOf("a/b/d.txt", Cancel));
        Assert.Null(await broker.SizeOf("a/b", Cancel));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Putting_again_replaces(bool isHost)
    {
        var broker = Broker(isHost);
        await Put(broker, "a.txt", "old");
        await Put(broker, "a.txt", "newer");
        Assert.Equal(5, await broker.SizeOf("a.txt", Cancel));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Lists_go_into_folders_only_when_asked(bool isHost)
    {
        var broker = Broker(isHost);
        await Put(broker, "a.txt", "1");
        await Put(broker, "b/c.txt", "22");
        Assert.Equal([new WorkspaceEntry("a.txt", 1)], await broker.List(false, Cancel).ToListAsync(Cancel));
        Assert.Equal([new WorkspaceEntry("a.txt", 1), new WorkspaceEntry("b/c.txt", 2)], await broker.List(true, Cancel).ToListAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Moving_twice_is_moving_once(bool isHost)
    {
        var broker = Broker(isHost);
        await Put(broker, "a.txt", "1");
        await broker.Move("a.txt", "b/c.txt", Cancel);
        await broker.Move("a.txt", "b/c.txt", Cancel);
        Assert.Equal(1, await broker.SizeOf("b/c.txt", Cancel));
        Assert.Null(await broker.SizeOf("a.txt", Cancel));
    }

    [Theory]
    [MemberData(nameof(Brokers))]
    public async Task Deleting_what_is_gone_does_nothing(bool isHost)
    {
        var broker = Broker(isHost);
        await Put(broker, "a.txt", "1");
        Assert.True(await broker.Delete("a.txt", Cancel));
        Assert.False(await broker.Delete("a.txt", Cancel));
    }

    [Theory]
    [CombinatorialPaths]
    public async Task Paths_that_leave_the_root_are_refused(bool isHost, string path)
    {
        var broker = Broker(isHost);
        await Assert.ThrowsAsync<WorkspacePathException>(async () => await broker.SizeOf(path, Cancel));
        await Assert.ThrowsAsync<WorkspacePathException>(async () => await Put(broker, path, "x"));
        await Assert.ThrowsAsync<WorkspacePathException>(async () => await broker.Delete(path, Cancel));
    }

    [Theory]
    [InlineData("link/x.txt")]
    [InlineData("file-link.txt")]
    public async Task Links_that_lead_out_are_refused(string path)
    {
        var outside = Directory.CreateDirectory(Path.Combine(folder, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "x.txt"), "outside");
        var root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(root, "link"), outside);
        File.CreateSymbolicLink(Path.Combine(root, "file-link.txt"), Path.Combine(outside, "x.txt"));
        var broker = Broker(isHost: true);
        await Assert.ThrowsAsync<WorkspacePathException>(async () => await broker.SizeOf(path, Cancel));
        await Assert.ThrowsAsync<WorkspacePathException>(async () => await broker.Delete(path, Cancel));
        Assert.True(File.Exists(Path.Combine(outside, "x.txt")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Links_that_stay_inside_are_followed(bool isRootALink)
    {
        var root = Path.Combine(folder, "root");
        Directory.CreateDirectory(Path.Combine(root, "a"));
        File.WriteAllText(Path.Combine(root, "a", "x.txt"), "content");
        Directory.CreateSymbolicLink(Path.Combine(root, "absolute"), Path.Combine(root, "a"));
        Directory.CreateSymbolicLink(Path.Combine(root, "relative"), "./a");
        Directory.CreateSymbolicLink(Path.Combine(folder, "other-root"), root);
        var broker = new HostBroker("host", isRootALink ? Path.Combine(folder, "other-root") : root);
        foreach (var path in new[] { "a/x.txt", "absolute/x.txt", "relative/x.txt" })
        {
            Assert.Equal(7, await broker.SizeOf(path, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_file_of_the_same_file_system_is_linked_not_copied()
    {
        var source = Path.Combine(folder, "source.txt");
        File.WriteAllText(source, "text");
        using var file = File.OpenHandle(source);
        Assert.Null(await Broker(isHost: true).Put(new WorkspaceContent.OpenFile(file), "a/b.txt", Cancel));
        Assert.Equal("text", File.ReadAllText(Path.Combine(folder, "root", "a", "b.txt")));
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(Path.Combine(folder, "root", "a", "b.txt")));
    }

    [Fact]
    public async Task A_file_is_staged_as_a_second_name_of_itself()
    {
        var broker = Broker(isHost: true);
        await Put(broker, "a.txt", "text");
        var staged = Path.Combine(folder, "staged");
        await broker.Stage("a.txt", staged, Cancel);
        Assert.Null(new FileInfo(staged).LinkTarget);
        await broker.Delete("a.txt", Cancel);
        Assert.Equal("text", File.ReadAllText(staged));
        await Put(broker, "a.txt", "other");
        await Assert.ThrowsAsync<IOException>(async () => await broker.Stage("a.txt", staged, Cancel));
        Assert.Equal("text", File.ReadAllText(staged));
    }

    [Fact]
    public async Task A_file_is_staged_on_another_file_system_by_a_link()
    {
        var broker = Broker(isHost: true);
        await Put(broker, "a.txt", "text");
        var staged = Path.Combine("/dev/shm", Path.GetRandomFileName());
        try
        {
            await broker.Stage("a.txt", staged, Cancel);
            Assert.Equal(Path.Combine(folder, "root", "a.txt"), new FileInfo(staged).LinkTarget);
        }
        finally
        {
            File.Delete(staged);
        }
    }

    [Fact]
    public async Task A_root_whose_parent_is_missing_is_said_to_be()
    {
        var broker = new HostBroker("far", Path.Combine(folder, "no", "such", "root"));
        var failure = await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await Put(broker, "a.txt", "x"));
        Assert.Contains("far", failure.Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IWorkspaceBroker Broker(bool isHost)
    {
        if (!isHost)
        {
            return new MemoryBroker("memory");
        }

        return new HostBroker("host", Directory.CreateDirectory(Path.Combine(folder, "root")).FullName);
    }

    private static async Task Put(IWorkspaceBroker broker, string path, string text) =>
        await broker.Put(new WorkspaceContent.InMemory(Encoding.UTF8.GetBytes(text)), path, Cancel);

    private sealed class CombinatorialPathsAttribute : Xunit.v3.DataAttribute
    {
        public override bool SupportsDiscoveryEnumeration() => true;

        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) =>
            ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
                [.. from isHost in (bool[])[true, false] from path in (string[])["../x", "/etc/passwd", "a/../../x", "", "a//b", "."] select new TheoryDataRow(isHost, path)]);
    }
}
