using System.Text.Json.Nodes;
using Scale.Client;

namespace Scale.EndToEnd.Tests;

/// <summary>Containers as a user meets them: the examples, a server that is killed, an image that registers itself.</summary>
public sealed class ContainerTests : IDisposable
{
    private const string Tools = "localhost/tools:1";
    private const string Base = "localhost/dotnet:10";

    private readonly TemporaryFolder folder = new();
    private readonly PodmanFolder podman = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_imagery_example_runs_in_containers_of_its_Containerfile()
    {
        const string Image = "localhost/imagery:1";
        podman.MakeDotnet(Base);
        Build(Image, "quicklook");
        await using var run = ProgramRun.Scale(
            ["demo", "--json", "--scenes", "2", "--data", folder.Below("data"), "--runtime", "container", "--image-root", ExamplesWithImage(Image), .. podman.ServerOptions]);
        await run.Success();
        DemoAssertions.ShowsTheMainJob(run.Result, scenes: 2);
    }

    [Fact]
    public async Task An_image_registers_its_job_type_by_its_label_and_a_changed_one_makes_a_revision()
    {
        const string Image = "localhost/scene-check-1.0.0-seed:1.0.0";
        podman.MakeTools(Base);
        Build(Image, "scene-check");
        await using var server = ProgramRun.Scale(["serve", "--data", folder.Below("data"), "--listen", "http://127.0.0.1:0", .. podman.ServerOptions]);
        var url = await server.Line(_ => true);
        await Expect(0, "scene-check 1.0.0 is registered, revision 1", Add(Image, url));
        await Expect(0, "scene-check 1.0.0 is registered, revision 1", Add(Image, url));
        podman.Run("tag", Image, "localhost/other:2");
        await Expect(0, "scene-check 1.0.0 is registered, revision 2", Add("localhost/other:2", url));
        using var connection = await Connect(url);
        var type = await connection.Get("job-types/scene-check/1.0.0/", Cancel);
        Assert.Equal("localhost/other:2", type.GetProperty("docker_image").GetString());
        Assert.Equal("bin/scene check ${SCENE} ${OUTPUT_DIR}", type.GetProperty("manifest").GetProperty("job").GetProperty("interface").GetProperty("command").GetString());

        await Expect(1, "has no label com.ngageoint.seed.manifest", Add(Base, url));
        await Expect(1, "could not be fetched", Add("localhost/none:1", url));
    }

    [Fact]
    public async Task An_author_tries_an_image_without_a_server_and_nothing_of_it_is_left()
    {
        podman.MakeTools(Tools, """
            {"seedVersion":"1.0.0","job":{"name":"copy","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"Copy","description":"Copies","maintainer":{"name":"A","email":"a@b.c"},"timeout":600,
             "interface":{"command":"cp ${TEXT} ${OUTPUT_DIR}/copy.txt","inputs":{"files":[{"name":"TEXT"}]},"outputs":{"files":[{"name":"COPY","pattern":"*.txt"}]}}}}
            """.ReplaceLineEndings(""));
        var (text, outputs) = (folder.Below("a text.txt"), folder.Below("out"));
        await File.WriteAllTextAsync(text, "fish", Cancel);
        await Expect(0, $"{outputs}/copy.txt", ["job-type", "run", Tools, "-i", $"TEXT={text}", "-o", outputs, .. podman.ServerOptions]);
        Assert.Equal("fish", await File.ReadAllTextAsync(Path.Combine(outputs, "copy.txt"), Cancel));
        Assert.Equal("", podman.Run("ps", "--all", "--quiet"));

        await Expect(2, "required input TEXT is missing", ["job-type", "run", Tools, "-o", outputs, .. podman.ServerOptions]);
        await Expect(1, "could not be fetched", ["job-type", "run", "localhost/none:1", "-o", outputs, .. podman.ServerOptions]);
    }

    [Fact]
    public async Task A_container_outlives_a_server_that_is_killed_and_the_next_collects_it()
    {
        podman.MakeTools(Tools);
        string[] arguments = ["serve", "--data", folder.Below("data"), "--listen", "http://127.0.0.1:0", .. podman.ServerOptions];
        var shared = Directory.CreateDirectory(folder.Below("shared"), (UnixFileMode)0x1FF).FullName;
        File.SetUnixFileMode(shared, (UnixFileMode)0x1FF);
        long job;
        await using (var first = ProgramRun.Scale(arguments))
        {
            using var connection = await Connect(await first.Line(_ => true));
            job = await StartWaitingJob(connection, shared);
            await Until(() => Task.FromResult(File.Exists(Path.Combine(shared, "waits"))), "The container does not start.");
            await first.KillHard();
        }

        File.WriteAllText(Path.Combine(shared, "go"), "");
        await using var second = ProgramRun.Scale(arguments);
        using var again = await Connect(await second.Line(_ => true));
        var status = "";
        await Until(
            async () => (status = (await again.Get($"jobs/{job}/", Cancel)).GetProperty("status").GetString()!) is not ("QUEUED" or "RUNNING"), "The job does not end.");
        Assert.Equal("COMPLETED", status);
        Assert.Equal(1, (await again.Get($"jobs/{job}/", Cancel)).GetProperty("num_exes").GetInt32());
        Assert.Equal("once", File.ReadAllText(Path.Combine(shared, "waits")).Trim());
        await Until(() => Task.FromResult(podman.Run("ps", "--all", "--quiet").Length == 0), "The container is not removed.");
    }

    [Fact]
    public async Task A_server_that_shall_run_containers_only_does_not_start_without_an_engine()
    {
        await using var server = ProgramRun.Scale("serve", "--data", folder.Below("data"), "--runtime", "container", "--container-engine", "/there/is/no/engine");
        Assert.Equal(3, await server.Exit());
        Assert.Contains("/there/is/no/engine", server.Errors);
    }

    public void Dispose()
    {
        podman.Dispose();
        folder.Dispose();
    }

    private void Build(string image, string jobType)
    {
        var manifest = File.ReadAllText(Path.Combine(Places.Examples, "imagery", jobType, "seed.manifest.json"));
        podman.Run(
            "build", "--build-arg", $"BASE={Base}", "--build-arg", $"MANIFEST={manifest}", "--tag", image, "--file", Path.Combine(Places.Examples, "imagery", "Containerfile"),
            Path.Combine(Places.Examples, "imagery"));
    }

    /// <summary>The pipeline as it is, but for the image.</summary>
    private string ExamplesWithImage(string image)
    {
        var source = Path.Combine(Places.Examples, "imagery");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder.Below("examples"), "imagery", Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var pipeline = Path.Combine(folder.Below("examples"), "imagery", "pipeline.json");
        var document = JsonNode.Parse(File.ReadAllText(pipeline))!;
        document["docker_image"] = image;
        File.WriteAllText(pipeline, document.ToJsonString());
        return folder.Below("examples");
    }

    private string[] Add(string image, string url) => ["job-type", "add", image, "--server", url, "--data", folder.Below("data"), .. podman.ServerOptions[..4]];

    private static async Task Expect(int status, string text, string[] arguments)
    {
        await using var run = ProgramRun.Scale(arguments);
        var ended = await run.Exit();
        Assert.Contains(text, string.Join('\n', run.Output) + run.Errors);
        Assert.Equal(status, ended);
    }

    private async Task<ScaleConnection> Connect(string url) => new(new Uri(url), (await File.ReadAllTextAsync(folder.Below("data/admin-token"), Cancel)).Trim());

    /// <summary>Registers and queues a job that says in a shared folder that it runs, and ends when it finds a file there.</summary>
    private static async Task<long> StartWaitingJob(ScaleConnection connection, string shared)
    {
        var manifest = JsonNode.Parse("""
            {"seedVersion":"1.0.0","job":{"name":"wait","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"Wait","description":"Waits","maintainer":{"name":"A","email":"a@b.c"},"timeout":600,
             "interface":{"command":"/bin/sh -c 'echo once >> /shared/waits; while ! test -e /shared/go; do sleep 0.1; done'","mounts":[{"name":"SHARED","path":"/shared","mode":"rw"}]}}}
            """)!;
        await connection.Post("job-types/", new JsonObject
        {
            ["docker_image"] = Tools,
            ["manifest"] = manifest,
            ["configuration"] = new JsonObject { ["mounts"] = new JsonObject { ["SHARED"] = new JsonObject { ["type"] = "host", ["host_path"] = shared } } },
        }, Cancel);
        var type = await connection.Get("job-types/wait/1.0.0/", Cancel);
        var job = await connection.Post("jobs/", new JsonObject { ["job_type_id"] = type.GetProperty("id").GetInt64(), ["input"] = new JsonObject() }, Cancel);
        return job.GetProperty("id").GetInt64();
    }

    private static async Task Until(Func<Task<bool>> isSo, string otherwise)
    {
        for (var limit = DateTime.UtcNow.AddMinutes(2); !await isSo(); await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < limit, otherwise);
        }
    }
}
