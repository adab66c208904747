using System.Text;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Tests.Executions;

/// <summary>Folders of ended executions become those of others; nothing of what was in them does.</summary>
public sealed class SpareFoldersTests : IDisposable
{
    private const string Old = "of the old one";

    private readonly string executions = Directory.CreateTempSubdirectory("scale-spares-").FullName;
    private readonly SpareFolders spares;

    public SpareFoldersTests() => spares = new SpareFolders(executions);

    [Fact]
    public void A_spare_folder_is_as_a_new_one_but_for_files_that_say_nothing()
    {
        var old = Used(1);
        Directory.CreateDirectory(Path.Combine(old.Inputs, "IN"));
        File.CreateSymbolicLink(Path.Combine(old.Inputs, "IN", "in.txt"), "/etc/hostname");
        File.WriteAllText(Path.Combine(old.Outputs, "a.out"), Old);
        File.CreateSymbolicLink(Path.Combine(old.Scratch, "link"), "nowhere");
        Assert.True(spares.TryKeep(old.Root));
        Assert.False(old.Exists);

        var next = Taken(2);
        Assert.Equal(["exit.json", "inputs", "main", "outputs", "scratch", "spec.json", "stderr.log", "stdout.log"], Names(next.Root));
        Assert.Equal(["scale-input-metadata.json"], Names(next.Inputs));
        Assert.Empty(Directory.EnumerateFileSystemEntries(next.Outputs));
        Assert.Empty(Directory.EnumerateFileSystemEntries(next.Scratch));
        Assert.All([next.StandardOutput, next.StandardError], log => Assert.Equal(0, new FileInfo(log).Length));
        Assert.All(["main", "exit.json"], file => Assert.Equal("", File.ReadAllText(Path.Combine(next.Root, file)).Trim(' ')));
        Assert.False(next.IsTaken);
        Assert.Equal((null, null, null), (next.Exit(), next.Runner(), next.Launcher()));
        Assert.True(next.TryClaim());
        Assert.True(next.IsClaimed);
    }

    [Fact]
    public void What_is_written_into_a_spare_folder_is_read_as_written()
    {
        var old = Used(1);
        old.WriteInputMetadata("""{"JOB":{"a":"much longer"}}"""u8);
        Assert.True(spares.TryKeep(old.Root));
        var next = Taken(2);
        next.WriteInputMetadata("""{"JOB":{}}"""u8);
        Assert.Equal("""{"JOB":{}}""", File.ReadAllText(next.InputMetadata));

        // As a launcher does: it writes over what is there.
        WriteOver("started", "launcher 7 8\n");
        WriteOver("main", "7 (sh) S");
        WriteOver("exit.json", "{\"exit_");
        Assert.Equal((null, null), (next.Exit(), next.Runner()));
        WriteOver("main", "7 (sh) S 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 9 7\n");
        WriteOver("exit.json", "{\"exit_code\":0}\n");
        Assert.Equal((0, 7, 9L), (next.Exit()!.ExitCode, next.Runner()!.Value.ProcessId, next.Runner()!.Value.StartTicks!.Value));

        void WriteOver(string name, string text)
        {
            using var file = new FileStream(Path.Combine(next.Root, name), FileMode.OpenOrCreate);
            file.Write(Encoding.ASCII.GetBytes(text));
        }
    }

    [Fact]
    public void Of_its_inputs_only_those_of_the_next_one_stay_and_only_as_empty_folders()
    {
        var old = Used(1);
        foreach (var input in new[] { "IN", "OTHER", "o d d" })
        {
            Directory.CreateDirectory(Path.Combine(old.Inputs, input));
        }

        File.CreateSymbolicLink(Path.Combine(old.Inputs, "OTHER", "in.txt"), "/etc/hostname");
        File.CreateSymbolicLink(Path.Combine(old.Inputs, "LINK"), old.Outputs);
        File.WriteAllText(Path.Combine(old.Inputs, "IN", "scale-input-metadata.json"), Old);
        Assert.True(spares.TryKeep(old.Root));
        var next = Taken(2, "IN", "NEW");
        Assert.Equal(["IN", "scale-input-metadata.json"], Names(next.Inputs));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(next.Inputs, "IN")));
    }

    [Fact]
    public void An_input_folder_with_other_rights_is_not_kept()
    {
        var old = Used(1);
        var input = Directory.CreateDirectory(Path.Combine(old.Inputs, "IN")).FullName;
        File.SetUnixFileMode(input, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.True(spares.TryKeep(old.Root));
        Assert.False(spares.TryTake(Path.Combine(executions, "0", "2"), ["IN"], out _));
    }

    [Fact]
    public void Every_spare_folder_is_taken_once()
    {
        Assert.True(spares.TryKeep(Used(1).Root));
        Assert.True(spares.TryTake(Path.Combine(executions, "0", "2"), [], out _));
        Assert.False(spares.TryTake(Path.Combine(executions, "0", "3"), [], out _));
    }

    [Fact]
    public async Task An_input_that_has_two_names_is_neither_emptied_nor_kept()
    {
        var old = Used(1);
        var workspace = Directory.CreateDirectory(Path.Combine(executions, "workspace")).FullName;
        File.WriteAllText(Path.Combine(workspace, "in.txt"), Old);
        Directory.CreateDirectory(Path.Combine(old.Inputs, "IN"));
        await new HostBroker("host", workspace).Stage("in.txt", Path.Combine(old.Inputs, "IN", "in.txt"), TestContext.Current.CancellationToken);
        Assert.True(spares.TryKeep(old.Root));
        Assert.Equal(Old, File.ReadAllText(Path.Combine(workspace, "in.txt")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Taken(2, "IN").Inputs, "IN")));
    }

    [Fact]
    public void A_file_that_has_another_name_keeps_its_content()
    {
        var old = Used(1);
        var products = new[] { old.StandardOutput, old.InputMetadata, Path.Combine(old.Root, "exit.json") }.Select((file, i) =>
        {
            var product = Path.Combine(executions, $"product-{i}");
            Link(file, product);
            return (product, Content: File.ReadAllText(product));
        }).ToList();
        Assert.True(spares.TryKeep(old.Root));
        var next = Taken(2);
        Assert.All(products, p => Assert.Equal(p.Content, File.ReadAllText(p.product)));
        Assert.Equal(["inputs", "main", "outputs", "scratch", "spec.json", "stderr.log"], Names(next.Root));
        Assert.Empty(Directory.EnumerateFileSystemEntries(next.Inputs));
    }

    [Theory]
    [InlineData(FileAccess.Write)]
    [InlineData(FileAccess.Read)]
    public void A_file_that_somebody_still_has_open_is_not_used_again(FileAccess access)
    {
        var old = Used(1);
        using var open = new FileStream(old.StandardOutput, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        Assert.True(spares.TryKeep(old.Root));
        Assert.False(File.Exists(Taken(2).StandardOutput));
        Assert.Equal(Old.Length, open.Length);
    }

    [Fact]
    public void A_link_in_the_place_of_a_file_is_removed_and_not_followed()
    {
        var old = Used(1);
        var elsewhere = Path.Combine(executions, "elsewhere");
        File.WriteAllText(elsewhere, "content");
        File.Delete(old.StandardOutput);
        File.CreateSymbolicLink(old.StandardOutput, elsewhere);
        Assert.True(spares.TryKeep(old.Root));
        Assert.False(Path.Exists(Taken(2).StandardOutput));
        Assert.Equal("content", File.ReadAllText(elsewhere));
    }

    [Theory]
    [InlineData("new file")]
    [InlineData("no outputs")]
    [InlineData("outputs elsewhere")]
    [InlineData("rights of scratch")]
    [InlineData("rights of the whole")]
    [InlineData("folders in folders")]
    [InlineData("why it was ended")]
    public void What_main_has_changed_is_removed_altogether(string change)
    {
        var old = Used(1);
        var elsewhere = Directory.CreateDirectory(Path.Combine(executions, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "kept"), "content");
        switch (change)
        {
            case "new file":
                File.WriteAllText(Path.Combine(old.Root, "new"), Old);
                break;
            case "no outputs":
                Directory.Delete(old.Outputs);
                break;
            case "outputs elsewhere":
                Directory.Delete(old.Outputs);
                Directory.CreateSymbolicLink(old.Outputs, elsewhere);
                break;
            case "rights of scratch":
                File.SetUnixFileMode(old.Scratch, File.GetUnixFileMode(old.Scratch) | UnixFileMode.OtherWrite);
                break;
            case "rights of the whole":
                File.SetUnixFileMode(old.Root, File.GetUnixFileMode(old.Root) | UnixFileMode.OtherWrite);
                break;
            case "folders in folders":
                Directory.CreateDirectory(Path.Combine(old.Outputs, "a", "b"));
                break;
            case "why it was ended":
                old.TryDecideEnd(EndReason.Killed);
                File.WriteAllText(Path.Combine(old.Root, "ending"), "Killed");
                break;
        }

        Assert.True(spares.TryKeep(old.Root));
        Assert.False(old.Exists);
        Assert.False(spares.TryTake(Path.Combine(executions, "0", "2"), [], out _));
        Assert.Equal("content", File.ReadAllText(Path.Combine(elsewhere, "kept")));
    }

    [Fact]
    public void Rights_of_a_file_that_main_has_changed_do_not_come_back()
    {
        var old = Used(1);
        File.SetUnixFileMode(old.StandardOutput, File.GetUnixFileMode(old.StandardOutput) | UnixFileMode.OtherWrite);
        Assert.True(spares.TryKeep(old.Root));
        Assert.False(File.Exists(Taken(2).StandardOutput));
    }

    [Fact]
    public void A_folder_that_exists_is_not_replaced()
    {
        Assert.True(spares.TryKeep(Used(1).Root));
        var existing = new ExecutionFolder(executions, 2);
        Directory.CreateDirectory(existing.Root);
        Assert.False(existing.Make(spares, []));
        Assert.Empty(Directory.EnumerateFileSystemEntries(existing.Root));
        Taken(3);
    }

    [Fact]
    public void A_folder_that_was_taken_before_a_crash_is_made_anew()
    {
        Assert.True(spares.TryKeep(Used(1).Root));
        File.WriteAllText(Path.Combine(Taken(2).Inputs, "half"), "");
        var again = new ExecutionFolder(executions, 2);
        Assert.False(again.Make(new SpareFolders(executions), []));
        Assert.False(again.IsTaken);
        again.Prepare();
        Assert.Empty(Directory.EnumerateFileSystemEntries(again.Inputs));
    }

    [Fact]
    public void No_more_are_kept_than_a_number()
    {
        for (var id = 1; id <= SpareFolders.Most; id++)
        {
            Assert.True(spares.TryKeep(Used(id).Root));
        }

        var more = Used(SpareFolders.Most + 1);
        Assert.False(spares.TryKeep(more.Root));
        Assert.True(more.Exists);
    }

    [Fact]
    public void Those_of_earlier_servers_are_removed()
    {
        var earlier = new SpareFolders(executions);
        Assert.True(earlier.TryKeep(Used(1).Root));
        Assert.True(spares.TryKeep(Used(2).Root));
        spares.RemoveEarlier();
        Assert.False(earlier.TryTake(Path.Combine(executions, "0", "3"), [], out _));
        Taken(4);
    }

    public void Dispose() => Directory.Delete(executions, recursive: true);

    private static List<string> Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static void Link(string file, string name)
    {
        using var link = System.Diagnostics.Process.Start("ln", [file, name]);
        link.WaitForExit();
        Assert.Equal(0, link.ExitCode);
    }

    /// <summary>The folder of an execution that ended well.</summary>
    private ExecutionFolder Used(long id)
    {
        var folder = new ExecutionFolder(executions, id);
        Assert.True(folder.Make(new SpareFolders(executions), []));
        folder.Prepare();
        folder.WriteInputMetadata("{}"u8);
        foreach (var (name, content) in new[] { ("spec.json", "{}"), ("started", "launcher 1 1\n"), ("main", "1 (much longer than others) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"), ("stdout.log", Old), ("stderr.log", ""), ("exit.json", "{\"exit_code\":126}\n") })
        {
            File.WriteAllText(Path.Combine(folder.Root, name), content);
        }

        return folder;
    }

    private ExecutionFolder Taken(long id, params string[] inputs)
    {
        var folder = new ExecutionFolder(executions, id);
        Assert.True(spares.TryTake(folder.Root, inputs, out _));
        return folder;
    }
}
