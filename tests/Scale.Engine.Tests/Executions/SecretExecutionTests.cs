using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.JobTypes;

namespace Scale.Engine.Tests.Executions;

/// <summary>Secret settings on their way into main (job-types-and-seed.md §6).</summary>
public sealed class SecretExecutionTests : IDisposable
{
    private const string Interface =
        """{"command":"show ${OUTPUT_DIR}","settings":[{"name":"PASSWORD","secret":true},{"name":"HOST"}],"outputs":{"files":[{"name":"LIST","pattern":"list.txt"}]}}""";

    private readonly ExecutionWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Main_gets_the_value_and_neither_process_list_nor_folder_show_it()
    {
        world.Program("show", """cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\000' ' ' > "$1/list.txt"; test "$PASSWORD/$HOST" = "hush-value/db" """);
        var spec = world.Spec(Interface, configuration: JobConfiguration.Empty with { Settings = ImmutableSortedDictionary<string, string>.Empty.Add("HOST", "db").Add("PASSWORD", "stale") }) with
        {
            Secrets = new Dictionary<string, string> { ["PASSWORD"] = "hush-value" },
        };
        await using var cluster = world.Cluster();
        await cluster.Launch([spec], TestContext.Current.CancellationToken);
        var report = await world.Report();
        Assert.Equal(ExecutionOutcome.Completed, report.Outcome);

        var list = await File.ReadAllTextAsync(Path.Combine(world.WorkspaceFolder, report.Outputs.Files.Single().FilePath), TestContext.Current.CancellationToken);
        Assert.Contains("show", list, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-value", list, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(world.FolderOf(spec).Root, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("hush-value", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_that_cant_be_decrypted_lets_nothing_run()
    {
        var spec = world.Spec(Interface) with { UnreadableSecrets = ["PASSWORD"] };
        var error = (await new PreStep(world.Brokers).Check(spec, MountSupport.None, TestContext.Current.CancellationToken)).Error!;
        Assert.Equal(("missing-setting", true), (error.Name, error.Reason.Contains("PASSWORD", StringComparison.Ordinal)));
    }
}
