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
    public void Bytes_that_are_no_text_are_replaced()
    {
        File.WriteAllBytes(folder.StandardOutput, [0xFF, (byte)'a', (byte)'\n', (byte)'b', (byte)'\n']);
        Assert.Equal(["\uFFFDa", "b"], logs.Read(1, null, null).Select(l => l.Message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    public void A_line_without_end_becomes_several_and_nothing_of_it_is_lost(int quarters)
    {
        // Quarters of the longest line, so that its end falls before, at and behind a break.
        var line = string.Concat(Enumerable.Range(0, quarters * 16_384).Select(i => (char)('a' + (i % 26))));
        File.WriteAllText(folder.StandardOutput, line + "\nlast\n");
        var lines = logs.Read(1, null, null);
        Assert.Equal((quarters + 3) / 4, lines.Count - 1);
        Assert.Equal(line, string.Concat(lines.SkipLast(1).Select(l => l.Message)));
        Assert.Equal("last", lines[^1].Message);
    }

    [Fact]
    public void An_endless_line_is_seen_while_it_is_written()
    {
        File.WriteAllText(folder.StandardOutput, new string('x', 200_000));
        var first = logs.Read(1, null, null);
        Assert.Equal([65_536, 65_536, 65_536], first.Select(l => l.Message.Length));
        File.AppendAllText(folder.StandardOutput, "y\n");
        var second = logs.Read(1, null, null);
        Assert.Equal(first, second.Take(3));
        Assert.Equal(new string('x', 200_000 - (3 * 65_536)) + "y", second[3].Message);
    }

    [Fact]
    public void An_answer_is_bounded_in_bytes_and_the_next_one_goes_on_where_it_ended()
    {
        const int Lines = 400;
        File.WriteAllText(folder.StandardOutput, string.Concat(Enumerable.Range(0, Lines).Select(i => $"{i} {new string('x', 60_000)}\n")));
        packed.Pack(1, folder);
        folder.Delete();
        var numbers = new SortedSet<long>();
        DateTime? from = null;
        while (numbers.Count < Lines)
        {
            var lines = logs.Read(1, null, from);
            Assert.True(lines.Sum(l => l.Message.Length) <= ExecutionLogs.MostBytes + 60_010);
            Assert.True(lines[^1].Order > numbers.LastOrDefault());
            Assert.All(lines, l => Assert.StartsWith($"{l.Order - 1} ", l.Message));
            numbers.UnionWith(lines.Select(l => l.Order));
            from = lines[^1].Timestamp;
        }

        Assert.Equal(Enumerable.Range(1, Lines).Select(i => (long)i), numbers);
    }

    [Fact]
    public async Task Readers_and_the_packer_wait_for_each_other()
    {
        const int Lines = 3000;
        File.WriteAllText(folder.StandardOutput, "");
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var known = 0L;
            while (known < Lines)
            {
                var lines = logs.Read(1, null, null);
                Assert.Equal(Enumerable.Range(1, lines.Count).Select(i => (long)i), lines.Select(l => l.Order));
                Assert.All(lines, l => Assert.Equal($"line {l.Order}", l.Message));
                Assert.True(lines.Count >= known);
                known = lines.Count;
            }
        })).ToList();
        for (var line = 1; line <= Lines; line++)
        {
            File.AppendAllText(folder.StandardOutput, $"line {line}\n");
        }

        packed.Pack(1, folder);
        folder.Delete();
        await Task.WhenAll(readers);
    }

    [Fact]
    public void A_log_above_its_limit_ends_with_a_notice()
    {
        var small = world.Options with { LogLimit = 100_000 };
        File.WriteAllText(folder.StandardOutput, string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{i:D6}\n")));
        File.WriteAllText(folder.StandardError, "short\n");
        var smallPacked = new PackedLogs(small);
        var smallLogs = new ExecutionLogs(small, smallPacked);
        Assert.True(smallLogs.Read(1, LogStream.StandardOutput, null, int.MaxValue).Count <= (100_000 + (64 << 10)) / 7);

        smallPacked.Pack(1, folder);
        folder.Delete();
        var lines = smallLogs.Read(1, LogStream.StandardOutput, null, int.MaxValue);
        Assert.Equal("scale: the log ends here: 250000 more bytes were dropped, 100000 are kept", lines[^1].Message);
        Assert.Equal("short", Assert.Single(smallLogs.Read(1, LogStream.StandardError, null)).Message);
    }

    public void Dispose() => world.Dispose();
}
