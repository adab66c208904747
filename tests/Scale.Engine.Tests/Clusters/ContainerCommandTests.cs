using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;
using Scale.Model.Scheduling;

namespace Scale.Engine.Tests.Clusters;

/// <summary>The command line of a container, and how its variables are divided; no engine is started.</summary>
public sealed class ContainerCommandTests : IDisposable
{
    private static readonly ContainerUser Nobody = new(65534, 65534, IsServer: false);

    private readonly ExecutionWorld world = new();

    [Fact]
    public void The_image_and_its_arguments_come_last_and_what_the_operator_adds_right_before()
    {
        var command = Command(options: new ContainerOptions { RunArguments = ["--ulimit", "nofile=1024:1024"] }, arguments: ["--rm", "a b", ""]);
        Assert.Equal(["--ulimit", "nofile=1024:1024", "--", "registry/name:1", "--rm", "a b", ""], command.TakeLast(7));
        Assert.Equal("run", command[0]);
    }

    [Theory]
    [InlineData("--cpus", "0.25")]
    [InlineData("--memory", "134217728b")]
    [InlineData("--memory-swap", "134217728b")]
    [InlineData("--shm-size", "64m")]
    [InlineData("--pids-limit", "1024")]
    [InlineData("--network", "none")]
    [InlineData("--user", "65534:65534")]
    [InlineData("--pull", "never")]
    [InlineData("--cap-drop", "all")]
    [InlineData("--security-opt", "no-new-privileges")]
    [InlineData("--env", "LINES")]
    [InlineData("--mount", "type=bind,source=/a,target=/b,readonly")]
    [InlineData("--mount", "type=bind,source=/c,target=/d")]
    [InlineData("--label", "scale-executions=owner")]
    [InlineData("--pidfile", "/e/process")]
    public void Options_are_there(string option, string value) => Assert.Contains((option, value), Pairs(Command()));

    [Theory]
    [InlineData(true, "--device", "nvidia.com/gpu=2")]
    [InlineData(false, "--gpus", "\"device=0,2\"")]
    public void Gpus_are_given_by_their_numbers(bool isPodman, string option, string value) =>
        Assert.Contains((option, value), Pairs(Command(isPodman: isPodman, gpus: [0, 2])));

    [Fact]
    public void Only_podman_without_root_maps_users()
    {
        var own = new ContainerUser(1000, 1000, IsServer: true);
        Assert.Contains("--userns=keep-id", Command(user: own));
        Assert.DoesNotContain("--userns=keep-id", Command(user: own, isPodman: false));
        Assert.DoesNotContain("--userns=keep-id", Command());
    }

    [Fact]
    public void Only_podman_says_which_process_it_started() => Assert.DoesNotContain("--pidfile", Command(isPodman: false));

    [Theory]
    [InlineData("/a,readwrite")]
    [InlineData("/a\"b")]
    [InlineData("/a\nb")]
    public void A_path_that_would_be_read_as_an_option_is_refused(string path) =>
        Assert.Throws<ContainerException>(() => Command(mounts: [new ContainerMount(path, "/b", false)]));

    [Fact]
    public void Variables_of_one_line_go_by_the_file_and_others_through_the_engine()
    {
        var environment = ContainerEnvironment.Of(new Dictionary<string, string>
        {
            ["PLAIN"] = "a=b #c",
            ["PATH"] = "/opt/bin",
            ["LD_PRELOAD"] = "x.so",
            ["LINES"] = "a\nb",
            ["RETURN"] = "a\r",
            ["LONG"] = new string('x', 100_000),
        });
        Assert.Equal("LD_PRELOAD=x.so\nPATH=/opt/bin\nPLAIN=a=b #c\n", environment.FileText);
        Assert.Equal(["LINES", "LONG", "RETURN"], environment.PassedThrough.Keys.Order());
    }

    [Theory]
    [InlineData("LD_PRELOAD")]
    [InlineData("PATH")]
    [InlineData("GODEBUG")]
    [InlineData("CONTAINERS_CONF")]
    [InlineData("DOCKER_HOST")]
    public void No_variable_of_a_job_steers_the_engine(string name) =>
        Assert.Contains(name, Assert.Throws<ContainerException>(() => ContainerEnvironment.Of(new Dictionary<string, string> { [name] = "a\nb" })).Message);

    [Theory]
    [InlineData("1000:1000", true)]
    [InlineData("1000", false)]
    [InlineData("me:us", false)]
    [InlineData("1000:", false)]
    public void A_user_is_two_numbers(string text, bool isUser) => Assert.Equal(isUser, ContainerUser.TryParse(text, out _, out _));

    public void Dispose() => world.Dispose();

    private static IEnumerable<(string Option, string Value)> Pairs(IReadOnlyList<string> command) => command.Zip(command.Skip(1));

    private IReadOnlyList<string> Command(
        ContainerOptions? options = null, ContainerUser? user = null, bool isPodman = true, int[]? gpus = null, ContainerMount[]? mounts = null, string[]? arguments = null) =>
        ContainerCommand.Of(
            new ContainerRequest(
                world.Spec(image: "registry/name:1"), "/e/process", "owner", Resources.Of(0.25, 128, 0), 64, 1024, gpus ?? [], ["LINES"],
                mounts ?? [new ContainerMount("/a", "/b", false), new ContainerMount("/c", "/d", true)], [], arguments ?? []),
            options ?? new ContainerOptions(), user ?? Nobody, isPodman);
}
