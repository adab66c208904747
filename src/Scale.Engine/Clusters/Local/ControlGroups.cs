using System.Globalization;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// The control groups of a container, in which the kernel counts what all its processes use, those included that have ended: one group for each kind of resource
/// in version 1, a single one in version 2.
/// </summary>
/// <param name="Version1">Whether there is a group for each kind.</param>
/// <param name="Cpu">Folder of the group that counts processor time, as the others null when the container has none of its own.</param>
public sealed record ControlGroups(bool Version1, string? Cpu, string? Memory, string? Disk)
{
    private const string Mount = "/sys/fs/cgroup";
    private const double Mebibyte = 1 << 20;

    /// <summary>Those of a process; null when it has ended, or when it has none of its own.</summary>
    public static ControlGroups? Of(int processId) => Text($"/proc/{processId}", "cgroup") is { } ofProcess && Text("/proc/self", "cgroup") is { } ofServer
        ? Of(ofProcess, ofServer)
        : null;

    /// <param name="ofProcess">Lines of numbers, controllers and paths, as <c>/proc/PID/cgroup</c> has them.</param>
    /// <param name="ofServer">The server's own. What it shares with a container says nothing of the container.</param>
    public static ControlGroups? Of(string ofProcess, string ofServer)
    {
        var (groups, shared) = (Paths(ofProcess), Paths(ofServer));
        var isVersion1 = groups.ContainsKey("memory");
        var found = isVersion1
            ? new ControlGroups(isVersion1, Folder("cpuacct", "/cpuacct"), Folder("memory", "/memory"), Folder("blkio", "/blkio"))
            : new ControlGroups(isVersion1, Folder("", ""), Folder("", ""), Folder("", ""));
        return found is { Cpu: null, Memory: null, Disk: null } ? null : found;

        string? Folder(string controller, string mount) =>
            groups.GetValueOrDefault(controller) is { } path && path != shared.GetValueOrDefault(controller) ? Mount + mount + path : null;
    }

    /// <summary>What was used until now; memory is what is used at this moment and could not be taken back, so without caches of files. Null when the groups are gone.</summary>
    public ResourceUsage? Read()
    {
        var cpu = Version1 ? Number(Text(Cpu, "cpuacct.usage")) / 1e9 : Number(Field(Text(Cpu, "cpu.stat"), "usage_usec")) / 1e6;
        var memory = Text(Memory, "memory.stat");
        var bytes = Number(Field(memory, Version1 ? "total_rss" : "anon")) + Number(Field(memory, Version1 ? "total_shmem" : "shmem"));
        var (read, written) = Version1 ? Disk1() : Disk2();
        return cpu is null && bytes is null ? null : new ResourceUsage(cpu, bytes / Mebibyte, read, written);
    }

    private (long? Read, long? Written) Disk1()
    {
        // A line per device and direction: 8:0 Read 4096
        var fields = Fields(Text(Disk, "blkio.throttle.io_service_bytes_recursive") ?? Text(Disk, "blkio.throttle.io_service_bytes"));
        return fields is null ? (null, null) : (Sum(fields, "Read"), Sum(fields, "Write"));

        static long Sum(List<string[]> lines, string direction) => lines.Where(l => l is [_, var name, _] && name == direction).Sum(l => Number(l[2]) ?? 0);
    }

    private (long? Read, long? Written) Disk2()
    {
        // A line per device: 8:0 rbytes=4096 wbytes=0 ...
        var fields = Fields(Text(Disk, "io.stat"));
        return fields is null ? (null, null) : (Sum(fields, "rbytes="), Sum(fields, "wbytes="));

        static long Sum(List<string[]> lines, string name) =>
            lines.SelectMany(l => l).Where(f => f.StartsWith(name, StringComparison.Ordinal)).Sum(f => Number(f[name.Length..]) ?? 0);
    }

    private static Dictionary<string, string> Paths(string text)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(':', 3) is [_, var controllers, var path])
            {
                foreach (var controller in controllers.Split(','))
                {
                    paths[controller] = path;
                }
            }
        }

        return paths;
    }

    private static string? Field(string? text, string name) => Fields(text)?.FirstOrDefault(l => l.Length == 2 && l[0] == name)?[1];

    private static List<string[]>? Fields(string? text) => text?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToList();

    private static long? Number(string? text) => long.TryParse(text?.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string? folder, string file)
    {
        try
        {
            return folder is null ? null : File.ReadAllText($"{folder}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
