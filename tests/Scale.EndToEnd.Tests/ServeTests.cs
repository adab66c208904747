using System.Net;

namespace Scale.EndToEnd.Tests;

public sealed class ServeTests
{
    [Fact]
    public async Task Serve_prints_its_url_answers_healthz_without_a_token_and_stops_on_SIGTERM()
    {
        using var folder = new TemporaryFolder();
        await using var run = ProgramRun.Scale("serve", "--data", folder.Below("data"), "--listen", "http://127.0.0.1:0");
        var url = new Uri(await run.Line(_ => true));
        using var http = new HttpClient();

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(url, "/healthz"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync(new Uri(url, "/v6/jobs/"))).StatusCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.Below("data/admin-token")));

        run.Terminate();
        await run.Success();
        Assert.Single(run.Output);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var first = ProgramRun.Scale("serve", "--data", folder.Path, "--listen", "http://127.0.0.1:0");
        await first.Line(_ => true);
        await using var second = ProgramRun.Scale("serve", "--data", folder.Path, "--listen", "http://127.0.0.1:0");

        Assert.Equal(3, await second.Exit());
        Assert.Contains("Another server is running on the data folder", second.Errors);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_a_clear_message()
    {
        using var folder = new TemporaryFolder();
        await using var first = ProgramRun.Scale("serve", "--data", folder.Below("one"), "--listen", "http://127.0.0.1:0");
        var url = await first.Line(_ => true);
        await using var second = ProgramRun.Scale("serve", "--data", folder.Below("two"), "--listen", url);

        Assert.Equal(3, await second.Exit());
        Assert.Contains(url, second.Errors);
    }

    [Fact]
    public async Task The_admin_token_stays_the_same_from_start_to_start()
    {
        using var folder = new TemporaryFolder();
        var tokens = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using var run = ProgramRun.Scale("serve", "--data", folder.Path, "--listen", "http://127.0.0.1:0");
            await run.Line(_ => true);
            tokens.Add(await File.ReadAllTextAsync(folder.Below("admin-token")));
            run.Terminate();
            await run.Success();
        }

        Assert.Equal(tokens[0], tokens[1]);
    }
}
