using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.JobTypes;

namespace Scale.Engine.Tests.Executions;

public sealed class PreStepTests : IDisposable
{
    private const string OneFile = """{"inputs":{"files":[{"name":"IN"}]}}""";
    private const string OneMount = """{"mounts":[{"name":"M","path":"/m"}]}""";

    private readonly ExecutionWorld world = new();

    [Fact]
    public async Task Files_that_exist_are_found_under_their_names()
    {
        var result = await Check(world.Spec(OneFile, In(world.Input(1, "a.txt"))));
        Assert.Equal("a.txt", Assert.Single(result.Value!.Files["IN"]).LocalName);
    }

    [Fact]
    public async Task The_second_file_of_a_name_gets_its_id_in_front()
    {
        var file = world.Input(1, "a.txt");
        var result = await Check(world.Spec("""{"inputs":{"files":[{"name":"IN","multiple":true}]}}""", In(file, file with { FileId = 2 })));
        Assert.Equal(["a.txt", "2.a.txt"], result.Value!.Files["IN"].Select(f => f.LocalName));
    }

    [Fact]
    public async Task A_deleted_file_has_its_error() =>
        Assert.Equal("deleted-file", (await Check(world.Spec(OneFile, In(world.Input(1, "a.txt", isDeleted: true))))).Error!.Name);

    [Fact]
    public async Task A_file_that_is_not_there_has_its_error()
    {
        var file = world.Input(1, "a.txt");
        File.Delete(Path.Combine(world.WorkspaceFolder, "a.txt"));
        Assert.Equal("missing-file", (await Check(world.Spec(OneFile, In(file)))).Error!.Name);
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("/etc/hostname")]
    [InlineData("link.txt")]
    public async Task A_path_that_leaves_the_workspace_is_no_file(string path)
    {
        File.WriteAllText(Path.Combine(world.Folder, "outside.txt"), "outside");
        File.CreateSymbolicLink(Path.Combine(world.WorkspaceFolder, "link.txt"), "../outside.txt");
        var file = world.Input(1, "a.txt") with { FilePath = path };
        Assert.Equal("missing-file", (await Check(world.Spec(OneFile, In(file)))).Error!.Name);
    }

    [Fact]
    public async Task A_file_of_an_archived_workspace_is_not_read()
    {
        var file = world.Input(1, "a.txt");
        Assert.Equal("missing-file", (await Check(world.Spec(OneFile, In(file with { Workspace = file.Workspace with { IsActive = false } })))).Error!.Name);
    }

    [Fact]
    public async Task A_workspace_of_another_kind_is_a_file_system_error()
    {
        var file = world.Input(1, "a.txt");
        var far = file with { Workspace = file.Workspace with { Name = "far", Configuration = """{"broker":{"type":"s3","bucket_name":"b"}}""" } };
        Assert.Equal("filesystem-io", (await Check(world.Spec(OneFile, In(far)))).Error!.Name);
    }

    public static TheoryData<MountSupport, MountConfiguration?, string?> Mounts => new()
    {
        { MountSupport.All, null, "is not configured" },
        { MountSupport.None, new MountConfiguration.Host("/usr"), "plain processes have no mounts" },
        { MountSupport.HostFolders, new MountConfiguration.Host("/usr"), null },
        { MountSupport.HostFolders, new MountConfiguration.Host("/no/such/folder"), "/no/such/folder, which does not exist" },
        { MountSupport.HostFolders, new MountConfiguration.Volume("local", ImmutableSortedDictionary<string, string>.Empty), "is a volume, which needs a container engine" },
        { MountSupport.All, new MountConfiguration.Volume("local", ImmutableSortedDictionary<string, string>.Empty), null },
        { MountSupport.Simulated, new MountConfiguration.Host("/no/such/folder"), null },
        { MountSupport.Simulated, null, "is not configured" },
    };

    [Theory]
    [MemberData(nameof(Mounts), DisableDiscoveryEnumeration = true)]
    public async Task A_mount_must_be_configured_and_possible(MountSupport support, MountConfiguration? mount, string? problem)
    {
        var mounts = ImmutableSortedDictionary<string, MountConfiguration>.Empty;
        var configuration = JobConfiguration.Empty with { Mounts = mount is null ? mounts : mounts.Add("M", mount) };
        var error = (await new PreStep(world.Brokers).Check(world.Spec(OneMount, configuration: configuration), support, TestContext.Current.CancellationToken)).Error;
        Assert.Equal(problem is null ? null : "missing-mount", error?.Name);
        Assert.Contains(problem ?? "", error?.Reason ?? "", StringComparison.Ordinal);
    }

    public void Dispose() => world.Dispose();

    private static Dictionary<string, IReadOnlyList<ExecutionInputFile>> In(params ExecutionInputFile[] files) => new() { ["IN"] = files };

    private Task<StepResult<CheckedInputs>> Check(ExecutionSpec spec) => new PreStep(world.Brokers).Check(spec, MountSupport.None, TestContext.Current.CancellationToken);
}
