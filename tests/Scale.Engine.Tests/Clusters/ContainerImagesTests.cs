using Scale.Engine.Clusters.Local;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Fetching images, with a script in the place of the engine that writes down how it was called.</summary>
public sealed class ContainerImagesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("scale-engine-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] Calls => File.Exists(Path.Combine(folder, "calls")) ? File.ReadAllLines(Path.Combine(folder, "calls")) : [];

    [Fact]
    public async Task An_image_that_is_here_is_not_pulled_and_looked_for_once()
    {
        var images = Images("exit 0");
        Assert.Null(await images.Ensure("registry/name:1", Cancel));
        Assert.Null(await images.Ensure("registry/name:1", Cancel));
        Assert.Equal(["image inspect --format {{.Id}} registry/name:1"], Calls);
    }

    [Fact]
    public async Task An_image_that_is_absent_is_pulled_once_for_all_that_wait()
    {
        var images = Images("[ $1 = pull ]");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => images.Ensure("registry/name:1", Cancel))), Assert.Null);
        Assert.Equal(["image inspect --format {{.Id}} registry/name:1", "pull --quiet registry/name:1"], Calls);
    }

    [Fact]
    public async Task An_image_that_was_forgotten_is_looked_for_again()
    {
        var images = Images("exit 0");
        await images.Ensure("registry/name:1", Cancel);
        images.Forget("registry/name:1");
        await images.Ensure("registry/name:1", Cancel);
        Assert.Equal(2, Calls.Length);
    }

    [Theory]
    [InlineData("registry/name:latest", 2)]
    [InlineData("registry/name@sha256:0123", 0)]
    [InlineData("localhost/name:1", 0)]
    public async Task Pulled_always_is_only_what_can_move(string image, int pulls)
    {
        var images = Images("exit 0", ImagePull.Always);
        await images.Ensure(image, Cancel);
        await images.Ensure(image, Cancel);
        Assert.Equal(pulls, Calls.Count(call => call.StartsWith("pull", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failed_pull_says_why_and_is_tried_again()
    {
        var images = Images("[ $1 = pull ] && echo 'Error: manifest unknown' >&2; exit 1");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var error = await images.Ensure("registry/name:1", Cancel);
            Assert.Equal(("pull", true), (error!.Name, error.IsBuiltin));
            Assert.Contains("manifest unknown", error.Reason);
        }

        Assert.Equal(2, Calls.Count(call => call.StartsWith("pull", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_pull_that_takes_too_long_is_ended()
    {
        var images = Images("[ $1 = pull ] && sleep 1000; exit 1", limit: TimeSpan.FromMilliseconds(300));
        Assert.Equal("pull-timeout", (await images.Ensure("registry/name:1", Cancel))!.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--privileged")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    public async Task What_is_no_reference_never_reaches_the_engine(string image)
    {
        Assert.Equal("pull", (await Images("exit 0").Ensure(image, Cancel))!.Name);
        Assert.Empty(Calls);
    }

    [Fact]
    public async Task Who_stops_waiting_does_not_end_the_pull_of_the_others()
    {
        var images = Images($"[ $1 = pull ] && while ! test -e '{folder}/go'; do sleep 0.02; done; [ $1 = pull ]");
        using var impatient = new CancellationTokenSource();
        var left = images.Ensure("registry/name:1", impatient.Token);
        var stays = images.Ensure("registry/name:1", Cancel);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        File.WriteAllText(Path.Combine(folder, "go"), "");
        Assert.Null(await stays);
    }

    [Theory]
    [InlineData("echo podman version 4", true)]
    [InlineData("echo Docker version 28", false)]
    public void An_engine_is_known_by_what_it_says_of_itself(string script, bool isPodman)
    {
        var engine = ContainerEngine.Find(new ContainerOptions { Engine = Script(script) }, TimeProvider.System, out var problem);
        Assert.Equal((isPodman, ""), (engine!.IsPodman, problem));
    }

    [Fact]
    public void An_engine_that_does_not_answer_is_none_and_its_complaint_is_passed_on()
    {
        var path = Script("echo 'Cannot connect to the daemon' >&2; exit 1");
        Assert.Null(ContainerEngine.Find(new ContainerOptions { Engine = path }, TimeProvider.System, out var problem));
        Assert.Equal($"{path} is there but does not work: Cannot connect to the daemon", problem);
    }

    [Fact]
    public void An_engine_that_is_not_there_is_named()
    {
        Assert.Null(ContainerEngine.Find(new ContainerOptions { Engine = "no-such-engine" }, TimeProvider.System, out var problem));
        Assert.Contains("no-such-engine", problem);
    }

    [Fact]
    public async Task A_flood_of_output_does_not_fill_the_memory()
    {
        var engine = new ContainerEngine(Script("head -c 8000000 /dev/zero | tr '\\0' x"), isPodman: true, [], TimeProvider.System);
        Assert.Equal(1 << 20, (await engine.Call(["ps"], Cancel)).Output.Length);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private ContainerImages Images(string script, ImagePull policy = ImagePull.Absent, TimeSpan? limit = null) =>
        new(new ContainerEngine(Script(script), isPodman: true, [], TimeProvider.System), policy, limit ?? TimeSpan.FromMinutes(1));

    private string Script(string script)
    {
        var path = Path.Combine(folder, "engine");
        File.WriteAllText(path, $"#!/bin/sh\necho \"$@\" >> '{folder}/calls'\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
