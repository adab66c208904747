using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Logs;

public sealed class ExecutionLogsTests : IDisposable
{
    private readonly ExecutionWorld world = new();
    private readonly ExecutionFolder folder;
    private readonly PackedLogs packed;
    private readonly ExecutionLogs logs;

    public ExecutionLogsTests()
    {
        folder = new ExecutionFolder(world.Options.ExecutionsFolder, 1);
        Directory.CreateDirectory(folder.Root);
        packed = new PackedLogs(world.Options);
        logs = new ExecutionLogs(world.Options, packed);
    }

    [Fact]
    public void An_execution_without_log_has_no_lines() => Assert.Empty(logs.Read(99, null, null));

    [Fact]
    public void Lines_keep_their_number_and_time_over_polls_and_packing()
    {
        File.WriteAllText(folder.StandardOutput, "one\ntwo\n");
        var first = logs.Read(1, null, null);
        File.WriteAllText(folder.StandardError, "oops\n");
        File.AppendAllText(folder.StandardOutput, "three\nunfinished");
        var second = logs.Read(1, null, null);
        Assert.Equal(["one", "two", "three", "oops"], second.Select(l => l.Message));
        Assert.Equal(first, second.Take(2));

        packed.Pack(1, folder);
        folder.Delete();
        var last = logs.Read(1, null, null);
        Assert.Equal(second, last.Take(4));
        Assert.Equal("unfinished", last[4].Message);
    }

    [Fact]
    public void Numbers_and_times_only_grow()
    {
        File.WriteAllText(folder.StandardOutput, string.Concat(Enumerable.Range(0, 500).Select(i => $"{i}\n")));
        logs.Read(1, null, null);
        File.WriteAllText(folder.StandardError, string.Concat(Enumerable.Range(0, 500).Select(i => $"{i}\n")));
        var lines = logs.Read(1, null, null);
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), lines.Select(l => l.Order));
        Assert.All(lines.Zip(lines.Skip(1)), pair => Assert.True(pair.First.Timestamp < pair.Second.Timestamp));
    }

    [Fact]
    public void Asking_from_the_last_time_on_gives_that_line_again_and_what_is_new()
    {
        File.WriteAllText(folder.StandardOutput, "one\ntwo\n");
        var seen = logs.Read(1, null, null)[^1];
        File.AppendAllText(folder.StandardOutput, "three\n");
        Assert.Equal(["two", "three"], logs.Read(1, null, seen.Timestamp).Select(l => l.Message));
    }

    [Fact]
    public void A_stream_can_be_read_alone()
    {
        File.WriteAllText(folder.StandardOutput, "out\n");
        File.WriteAllText(folder.StandardError, "err\n");
        Assert.Equal("err", Assert.Single(logs.Read(1, LogStream.StandardError, null)).Message);
        packed.Pack(1, folder);
        folder.Delete();
        Assert.Equal("err", Assert.Single(logs.Read(1, LogStream.StandardError, null)).Message);
    }

    [Fact]
    public void A_client_that_polls_gets_every_line_of_a_long_log()
    {
        File.WriteAllText(folder.StandardOutput, string.Concat(Enumerable.Range(0, 25_000).Select(i => $"{i}\n")));
        var seen = new HashSet<long>();
        DateTime? from = null;
        for (var poll = 0; poll < 4; poll++)
        {
            var lines = logs.Read(1, null, from);
            Assert.True(lines.Count <= ExecutionLogs.MostLines);
            seen.UnionWith(lines.Select(l => l.Order));
            from = lines[^1].Timestamp;
        }

        Assert.Equal(25_000, seen.Count);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_endless_lines_cut()
    {
        File.WriteAllBytes(folder.StandardOutput, [0xFF, (byte)'a', (byte)'\n', .. Enumerable.Repeat((byte)'x', 1_000_000), (byte)'\n', (byte)'b', (byte)'\n']);
        var lines = logs.Read(1, null, null);
        Assert.Equal("\uFFFDa", lines[0].Message);
        Assert.Equal(64 << 10, lines[1].Message.Length);
        Assert.Equal("b", lines[2].Message);
    }

    public void Dispose() => world.Dispose();
}
