using Scale.Engine.Clusters.Local;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Where the groups of a process are, by what the kernel says of it and of the server.</summary>
public sealed class ControlGroupsTests
{
    private const string Server1 = "5:cpu,cpuacct:/\n4:memory:/server\n3:blkio:/\n0::/server\n";

    [Fact]
    public void Version_1_has_a_group_for_each_kind() => Assert.Equal(
        new ControlGroups(true, "/sys/fs/cgroup/cpuacct/pods/a:b", "/sys/fs/cgroup/memory/pods/a:b", "/sys/fs/cgroup/blkio/pods/a:b"),
        ControlGroups.Of("5:cpu,cpuacct:/pods/a:b\n4:memory:/pods/a:b\n3:blkio:/pods/a:b\n0::/pods/a:b\n", Server1));

    [Fact]
    public void Version_2_has_a_single_one() => Assert.Equal(
        new ControlGroups(false, "/sys/fs/cgroup/pods/a", "/sys/fs/cgroup/pods/a", "/sys/fs/cgroup/pods/a"),
        ControlGroups.Of("0::/pods/a\n", "0::/user.slice\n"));

    [Fact]
    public void A_group_that_is_the_servers_too_is_none_of_the_container() => Assert.Equal(
        new ControlGroups(true, null, "/sys/fs/cgroup/memory/pods/a", null),
        ControlGroups.Of("5:cpu,cpuacct:/\n4:memory:/pods/a\n3:blkio:/\n", Server1));

    [Theory]
    [InlineData("0::/user.slice\n", "0::/user.slice\n")]
    [InlineData(Server1, Server1)]
    [InlineData("", Server1)]
    public void Without_any_of_its_own_there_are_none(string ofProcess, string ofServer) => Assert.Null(ControlGroups.Of(ofProcess, ofServer));

    [Fact]
    public void Groups_that_are_gone_say_nothing() => Assert.Null(new ControlGroups(true, "/nowhere/cpu", "/nowhere/memory", null).Read());

    [Fact]
    public void A_process_that_is_gone_has_none() => Assert.Null(ControlGroups.Of(int.MaxValue));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_kernel_counts_is_read_in_seconds_mebibytes_and_bytes(bool isVersion1)
    {
        var folder = Directory.CreateTempSubdirectory("scale-groups-").FullName;
        try
        {
            Write("cpuacct.usage", "2500000000\n");
            Write("cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
            Write("memory.stat", isVersion1 ? "rss 1\ntotal_rss 3145728\ntotal_shmem 1048576\n" : "anon 3145728\nfile 9\nshmem 1048576\n");
            Write("blkio.throttle.io_service_bytes_recursive", "8:0 Read 10\n8:0 Write 20\n8:16 Read 1\n8:16 Write 2\n8:16 Total 3\nTotal 33\n");
            Write("io.stat", "8:0 rbytes=10 wbytes=20 rios=5\n8:16 rbytes=1 wbytes=2 rios=5\n");
            Assert.Equal(new(2.5, 4, 11, 22), new ControlGroups(isVersion1, folder, folder, folder).Read());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Write(string file, string text) => File.WriteAllText(Path.Combine(folder, file), text);
    }
}
