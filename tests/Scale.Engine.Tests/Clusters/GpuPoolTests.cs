using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;

namespace Scale.Engine.Tests.Clusters;

public sealed class GpuPoolTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("scale-gpus-").FullName;

    [Fact]
    public void Devices_are_counted_without_those_that_control_them()
    {
        foreach (var device in new[] { "nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "null" })
        {
            File.WriteAllText(Path.Combine(folder, device), "");
        }

        Assert.Equal(3, GpuPool.Detect(folder).Count);
    }

    [Fact]
    public void No_number_is_given_twice_and_the_lowest_free_ones_come_first()
    {
        var pool = new GpuPool(4);
        Assert.Equal([0, 1], pool.Take(1, Folder(1), 2));
        Assert.Equal([2], pool.Take(2, Folder(2), 1));
        Assert.Equal([0, 1], pool.Take(1, Folder(1), 2));
        pool.GiveBack(1);
        Assert.Equal([0, 1, 3], pool.Take(3, Folder(3), 3));
        Assert.Throws<IOException>(() => pool.Take(4, Folder(4), 1));
        Assert.Empty(pool.Take(5, Folder(5), 0));
    }

    [Fact]
    public void The_next_server_knows_what_an_earlier_one_gave()
    {
        new GpuPool(4).Take(1, Folder(1), 2);
        var next = new GpuPool(4);
        next.Adopt(1, Folder(1));
        next.Adopt(2, Folder(2));
        Assert.Equal([2, 3], next.Take(3, Folder(3), 2));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private ExecutionFolder Folder(long id)
    {
        var made = new ExecutionFolder(folder, id);
        Directory.CreateDirectory(made.Root);
        return made;
    }
}
