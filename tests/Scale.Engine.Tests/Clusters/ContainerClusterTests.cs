using System.Collections.Immutable;
using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Model.JobTypes;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Real containers by podman: what main sees, what is captured, and what it can't do.</summary>
[Collection(ContainerMachineTests.Name)]
public sealed class ContainerClusterTests(ContainerMachine machine) : IDisposable
{
    private readonly ContainerWorld world = new(machine);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, IReadOnlyList<ExecutionInputFile>> In => new() { ["IN"] = [world.Files.Input(1, "in.txt")] };

    [Fact]
    public async Task A_job_reads_its_inputs_and_its_outputs_are_captured()
    {
        var spec = world.Script(
            "cat \"$1\" \"$2\"/* > $OUTPUT_DIR/all.out",
            "${ONE} ${MANY}",
            new()
            {
                ["ONE"] = [world.Files.Input(1, "it's a $(file); \"name\", really.txt", "one ")],
                ["MANY"] = [world.Files.Input(2, "a b.txt", "two "), world.Files.Input(3, "c.txt", "three")],
            },
            ContainerWorld.Outputs);
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Completed, null, ""), (report.Outcome, report.ErrorName, world.Log(spec)));
        Assert.Equal("one two three", world.Content(Assert.Single(report.Outputs.Files)));
        Assert.Equal(["pull", "pre", "main", "post"], report.Steps.Select(s => s.Type));
        Assert.All(report.Steps, step => Assert.Equal(("FINISHED", 0, false), (step.Status, step.ExitCode, step.TimedOut)));
    }

    /// <summary>It works for longer than the pause between two looks; its client and the engine's monitor use less than it counts.</summary>
    [Fact]
    public async Task What_a_container_uses_is_measured_by_its_own_control_groups()
    {
        var spec = world.Script("dd if=/dev/zero of=/dev/shm/full bs=1M count=48 2> /dev/null; i=0; while [ $i -lt 2000000 ]; do i=$((i + 1)); done");
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Completed, ""), (report.Outcome, world.Log(spec)));
        var usage = report.Usage!;
        Assert.InRange(usage.CpuSeconds!.Value, 0.1, 60);
        Assert.InRange(usage.PeakMemory!.Value, 48, 128);
        Assert.True(usage is { BytesRead: >= 0, BytesWritten: >= 0 });
    }

    [Fact]
    public async Task Main_sees_the_variables_and_paths_of_the_contract_and_nothing_of_the_server()
    {
        var spec = ContainerWorld.WithSettings(
            world.Script("env | sort > $OUTPUT_DIR/a.out; cat $INPUT_METADATA > $OUTPUT_DIR/b.out", inputs: In, outputs: ContainerWorld.Outputs),
            ("my-level", " a 'b\" #c "), ("lines", "one\ntwo"), ("end", "carriage\r"));
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Completed, ""), (report.Outcome, world.Log(spec)));
        var environment = "\n" + world.Content(report.Outputs.Files[0]);
        Assert.All(
            [
                "MY_LEVEL= a 'b\" #c ", "LINES=one", "END=carriage\r", "OUTPUT_DIR=/scale/output_data", "INPUT_METADATA=/scale/input_data/scale-input-metadata.json",
                "IN=/scale/input_data/IN/in.txt", $"SCALE_JOB_ID={spec.Key.JobId}", "ALLOCATED_MEM=128.0",
            ],
            line => Assert.Contains($"\n{line}\n", environment));
        var known = new[]
        {
            "ALLOCATED_CPUS", "ALLOCATED_DISK", "ALLOCATED_GPUS", "ALLOCATED_MEM", "END", "HOME", "HOSTNAME", "IN", "INPUT_METADATA", "LINES", "MY_LEVEL", "OUTPUT_DIR", "PATH", "PWD",
            "SCALE_EXE_NUM", "SCALE_JOB_ID", "SHLVL", "TERM", "container", "two",
        };
        Assert.Empty(environment.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).Except(known));
        Assert.Contains("\"local_path\":\"/scale/input_data/IN/in.txt\"", world.Content(report.Outputs.Files[1]));
    }

    [Theory]
    [InlineData("test \"$(id -u):$(id -g)\" = 65534:65534")]
    [InlineData("! touch /scale/input_data/IN/new && ! echo x >> $IN && ! rm $IN")]
    [InlineData("test \"$(ls /sys/class/net)\" = lo")]
    [InlineData("! touch /new && ! touch /bin/new && ! touch /scale/new && touch $OUTPUT_DIR/new && touch /tmp/new")]
    [InlineData("! ls /root && ! ls /home && ! ls /usr")]
    public async Task Main_is_nobody_without_network_and_can_write_only_to_its_outputs(string script)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || !script.Contains("65534", StringComparison.Ordinal), "The user is nobody only where the server is root.");
        var spec = world.Script(script, inputs: In);
        var report = await world.Run(spec);
        Assert.True(report.Outcome == ExecutionOutcome.Completed, $"{report.ErrorName} {world.Log(spec)}");
        Assert.Equal("content", File.ReadAllText(Path.Combine(world.Files.WorkspaceFolder, "in.txt")));
    }

    [Fact]
    public async Task An_input_that_only_its_owner_may_read_is_readable_in_the_container()
    {
        var spec = world.Script("cat $IN", inputs: In);
        File.SetUnixFileMode(Path.Combine(world.Files.WorkspaceFolder, "in.txt"), UnixFileMode.UserRead);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Run(spec)).Outcome);
        Assert.Equal("content", File.ReadAllText(world.Files.FolderOf(spec).StandardOutput));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(201)]
    public async Task Inputs_of_another_file_system_are_readable_under_their_names_and_not_writable(int count)
    {
        // A file system in memory, which no disk can share a file with.
        var elsewhere = Directory.CreateDirectory($"/dev/shm/scale-data-{Guid.NewGuid():N}").FullName;
        try
        {
            IReadOnlyList<ExecutionInputFile> files = [.. Enumerable.Range(1, count).Select(n => world.Files.Input(n, $"it's, {n}: \"a\".txt", "x"))];
            var spec = world.Script("cat \"$1\"/* && for file in \"$1\"/*; do echo y > \"$file\" && exit 9; done; true", "/scale/input_data/IN", new() { ["IN"] = files });
            await using var cluster = world.Cluster(change: engine => engine with { DataFolder = elsewhere });
            await cluster.Launch([spec], Cancel);
            var report = await world.Files.Report();
            var folder = new ExecutionFolder(Path.Combine(elsewhere, "executions"), spec.Key.ExecutionId);
            Assert.True(report.Outcome == ExecutionOutcome.Completed, $"{report.ErrorName} {ContainerWorld.ReadOrNothing(folder.StandardError)}");
            Assert.Equal(new string('x', count), File.ReadAllText(folder.StandardOutput));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public async Task The_container_is_made_as_the_resources_and_labels_say()
    {
        var spec = world.Waiting("""[{"name":"cpus","value":0.5},{"name":"mem","value":200},{"name":"sharedmem","value":32.5}]""");
        await using var cluster = world.Cluster();
        await cluster.Launch([spec], Cancel);
        await world.IsWaiting(spec);
        var container = JsonElement.Parse(await machine.Podman("inspect", spec.ClusterId))[0];
        var host = container.GetProperty("HostConfig");
        Assert.Equal(
            (500_000_000, 200 << 20, 200 << 20, 33 << 20, 1024, "none"),
            (host.GetProperty("NanoCpus").GetInt64(), host.GetProperty("Memory").GetInt64(), host.GetProperty("MemorySwap").GetInt64(),
            host.GetProperty("ShmSize").GetInt64(), host.GetProperty("PidsLimit").GetInt64(), host.GetProperty("NetworkMode").GetString()));
        Assert.Contains(container.GetProperty("EffectiveCaps").GetRawText(), new[] { "null", "[]" });
        var labels = container.GetProperty("Config").GetProperty("Labels");
        Assert.All(
            new Dictionary<string, string>
            {
                ["scale-job-id"] = $"{spec.Key.JobId}",
                ["scale-job-execution-id"] = $"{spec.Key.ExecutionId}",
                ["scale-job-type-name"] = "try",
                ["scale-job-type-version"] = "1.0.0",
                ["scale-task-type"] = "main",
            },
            label => Assert.Equal(label.Value, labels.GetProperty(label.Key).GetString()));
        await cluster.Kill([spec.Key], Cancel);
        await world.Files.Report();
    }

    [Fact]
    public async Task A_secret_is_in_no_list_of_processes_and_in_no_file_of_the_execution()
    {
        const string Secret = "hush-7f3a9c";
        var spec = ContainerWorld.WithSecret(world.Waiting(), "key", Secret);
        await using var cluster = world.Cluster();
        await cluster.Launch([spec], Cancel);
        await world.IsWaiting(spec);
        var folder = world.Files.FolderOf(spec);
        Assert.Equal(Secret, File.ReadAllText(Path.Combine(folder.Outputs, "waits")).Trim());
        Assert.DoesNotContain(
            Directory.EnumerateDirectories("/proc").Select(process => ContainerWorld.ReadOrNothing($"{process}/cmdline")), line => line.Contains(Secret, StringComparison.Ordinal));
        var written = Directory.EnumerateFiles(folder.Root, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "waits").ToList();
        Assert.Contains(written, file => Path.GetFileName(file) == "spec.json");
        Assert.DoesNotContain(written.Select(ContainerWorld.ReadOrNothing), text => text.Contains(Secret, StringComparison.Ordinal));
        await cluster.Kill([spec.Key], Cancel);
        await world.Files.Report();
    }

    [Fact]
    public async Task An_entry_point_gets_the_arguments_and_without_a_command_the_image_s_default_holds()
    {
        const string Image = "localhost/scale-tests/entry:1";
        await machine.Import(Image, ["""ENTRYPOINT ["/bin/sh", "-c", "for word in \"$@\"; do echo \"<$word>\"; done", "sh"]""", """CMD ["by default"]"""]);
        var (given, none) = (world.Command("'a b' --rm $(date) ;", image: Image), world.Command("", image: Image));
        Assert.Equal(ExecutionOutcome.Completed, (await world.Run(given)).Outcome);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Run(none)).Outcome);
        Assert.Equal("<a b>\n<--rm>\n<$(date)>\n<;>\n", File.ReadAllText(world.Files.FolderOf(given).StandardOutput));
        Assert.Equal("<by default>\n", File.ReadAllText(world.Files.FolderOf(none).StandardOutput));
    }

    [Theory]
    [InlineData("ln -s /etc/passwd x.out")]
    [InlineData("ln -s ../../../../etc/passwd x.out")]
    [InlineData("ln -s WORKSPACE/in.txt x.out")]
    [InlineData("ln -s ../inputs/IN/in.txt x.out")]
    [InlineData("mkdir x.out")]
    public async Task What_leads_out_of_the_outputs_is_not_captured(string script)
    {
        var spec = world.Script(
            $"cd $OUTPUT_DIR && {script.Replace("WORKSPACE", world.Files.WorkspaceFolder, StringComparison.Ordinal)}", inputs: In, outputs: """{"files":[{"name":"OUT","pattern":"*.out"}]}""");
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Failed, "missing-required-output"), (report.Outcome, report.ErrorName));
        Assert.Equal(["in.txt"], Directory.EnumerateFiles(world.Files.WorkspaceFolder, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_folder_of_the_outputs_that_is_a_link_leads_nowhere()
    {
        var spec = world.Script(
            $"ln -s {world.Files.WorkspaceFolder} $OUTPUT_DIR/sub", inputs: In, outputs: """{"files":[{"name":"OUT","pattern":"sub/*.txt"}]}""");
        Assert.Equal("missing-required-output", (await world.Run(spec)).ErrorName);
    }

    [Fact]
    public async Task Odd_names_of_outputs_are_captured_as_they_are()
    {
        string[] names = ["a b.out", "it's.out", "line\nbreak.out", "$(touch stolen).out", "semi;colon.out", "\"quoted\".out", "com,ma:colon.out"];
        var words = string.Join(' ', names.Select(name => $"'{name.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        var spec = world.Script("cd $OUTPUT_DIR && for name in \"$@\"; do echo 1 > \"$name\"; done", words, outputs: ContainerWorld.Outputs);
        var report = await world.Run(spec);
        Assert.Equal((ExecutionOutcome.Completed, ""), (report.Outcome, world.Log(spec)));
        Assert.Equal(names.Order(StringComparer.Ordinal), report.Outputs.Files.Select(f => f.FileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Host_folders_and_volumes_are_mounted_as_the_manifest_says()
    {
        var shared = Directory.CreateDirectory(Path.Combine(world.Files.Folder, "shared")).FullName;
        File.WriteAllText(Path.Combine(shared, "table.txt"), "42");
        var mounts = ImmutableSortedDictionary<string, MountConfiguration>.Empty
            .Add("REF", new MountConfiguration.Host(shared))
            .Add("CACHE", new MountConfiguration.Volume("", ImmutableSortedDictionary<string, string>.Empty));
        var spec = ContainerWorld.WithMounts(
            world.Script("test $(cat /reference/table.txt) = 42 && ! touch /reference/new && touch /cache/new"),
            """[{"name":"REF","path":"/reference"},{"name":"CACHE","path":"/cache","mode":"rw"}]""",
            mounts);
        var report = await world.Run(spec);
        Assert.True(report.Outcome == ExecutionOutcome.Completed, $"{report.ErrorName} {world.Log(spec)}");
        Assert.DoesNotContain(spec.ClusterId, await machine.Podman("volume", "ls", "--quiet"));
    }

    public void Dispose() => world.Dispose();
}
