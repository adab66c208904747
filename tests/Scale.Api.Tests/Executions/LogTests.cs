using Microsoft.Extensions.DependencyInjection;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Engine;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Store.Jobs;

namespace Scale.Api.Tests.Executions;

public sealed class LogTests : IAsyncLifetime
{
    private readonly DirectoryInfo data = Directory.CreateTempSubdirectory("scale-logs-");
    private ApiFixture api = null!;
    private JobExeRow execution = null!;
    private ExecutionFolder folder = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new EngineOptions { DataFolder = data.FullName };
        api = await ApiFixture.Start(services: services => services.AddSingleton(options).AddSingleton<PackedLogs>().AddSingleton<ExecutionLogs>());
        var seed = new Seed(api);
        var node = await seed.Node("n4");
        execution = await seed.Execution(await seed.Job(await seed.JobType("tiler")), 1, change: e => e.NodeId = node.Id);
        folder = new ExecutionFolder(options.ExecutionsFolder, execution.Id);
        Directory.CreateDirectory(folder.Root);
    }

    public async ValueTask DisposeAsync()
    {
        await api.DisposeAsync();
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Lines_come_in_the_envelope_that_pages_read()
    {
        await Write("one\ntwo <b>\n", "bad\n");
        var answer = (await api.Get(Path("combined"))).Expect(200);
        Assert.False(answer["timed_out"].GetBoolean());
        Assert.Equal(3, answer["hits"].GetProperty("total").GetInt32());
        var records = answer["hits"].GetProperty("hits").EnumerateArray().Select(h => h.GetProperty("_source")).ToList();
        Assert.Equal(["one", "two <b>", "bad"], records.Select(r => r.GetProperty("message").GetString()));
        Assert.Equal(["stdout", "stdout", "stderr"], records.Select(r => r.GetProperty("stream").GetString()));
        Assert.Equal([1, 2, 3], records.Select(r => r.GetProperty("scale_order_num").GetInt32()));
        Assert.All(records, r => Assert.Equal(("n4", execution.ClusterId), (r.GetProperty("scale_node").GetString(), r.GetProperty("scale_job_exe").GetString())));
        Assert.StartsWith(execution.ClusterId + "_", records[0].GetProperty("scale_task").GetString());
        Assert.Equal(records.Count, records.Select(r => r.GetProperty("@timestamp").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Each_stream_can_be_had_alone_and_flat()
    {
        await Write("one\n", "bad\n");
        Assert.Equal("one", Assert.Single((await api.Get(Path("stdout") + "?layout=flat")).Expect(200).Json.EnumerateArray()).GetProperty("message").GetString());
        Assert.Equal("bad", Assert.Single((await api.Get(Path("stderr") + "?layout=flat")).Expect(200).Json.EnumerateArray()).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Reading_goes_on_from_the_last_time_with_the_last_line_again()
    {
        await Write("one\ntwo\nthree\n", "");
        var all = (await api.Get(Path("combined") + "?layout=flat")).Expect(200).Json.EnumerateArray().ToList();
        var last = all[^1].GetProperty("@timestamp").GetString();
        var next = (await api.Get(Path("combined") + $"?layout=flat&started={last}")).Expect(200).Json.EnumerateArray().ToList();
        Assert.Equal(["three"], next.Select(r => r.GetProperty("message").GetString()));
        Assert.Equal("", (await api.Get(Path("combined") + "?started=2100-01-01T00:00:00Z")).Expect(204).Text);
        (await api.Get(Path("combined") + "?started=x")).Expect(400);
    }

    [Fact]
    public async Task An_execution_that_said_nothing_is_204() => (await api.Get(Path("combined"))).Expect(204);

    [Theory]
    [InlineData("?format=txt", null, "text/plain", "one\nbad & worse")]
    [InlineData("", "text/plain", "text/plain", "one\nbad & worse")]
    [InlineData("?format=html", "application/json", "text/html", "<div class=\"stderr\">bad &amp; worse</div>")]
    [InlineData("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html", "<div class=\"stdout\">one</div>")]
    [InlineData("?format=json", "text/html", "application/json", "\"hits\"")]
    [InlineData("", "*/*", "application/json", "\"hits\"")]
    public async Task The_form_is_what_was_asked_for(string query, string? accept, string mediaType, string part)
    {
        await Write("one\n", "bad & worse\n");
        var request = new HttpRequestMessage(HttpMethod.Get, Path("combined") + query);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        var answer = (await api.Send(request)).Expect(200);
        Assert.StartsWith(mediaType, answer.Headers["Content-Type"]);
        Assert.Contains(part, answer.Text);
    }

    [Fact]
    public async Task Other_forms_and_logs_and_unknown_executions_are_refused()
    {
        await Write("one\n", "");
        var request = new HttpRequestMessage(HttpMethod.Get, Path("combined"));
        request.Headers.TryAddWithoutValidation("Accept", "image/png");
        (await api.Send(request)).Expect(406);
        (await api.Get(Path("combined") + "?format=xml")).Expect(404);
        (await api.Get(Path("other"))).Expect(404);
        (await api.Get("/v6/job-executions/77/logs/combined/")).Expect(404);
    }

    [Fact]
    public async Task A_log_is_followed_line_by_line_until_the_execution_has_ended()
    {
        await Write("one\n", "bad\n");
        using var events = await Follow("combined");
        Assert.Equal(("1", "line", "one"), await Next(events));
        Assert.Equal(("2", "line", "bad"), await Next(events));

        await File.AppendAllTextAsync(folder.StandardOutput, "two\n");
        Assert.Equal(("3", "line", "two"), await Next(events));
        await File.AppendAllTextAsync(folder.StandardError, "the last words");
        await End();
        Assert.Equal(("4", "line", "the last words"), await Next(events));
        Assert.Equal(("", "end", """{"status":"COMPLETED"}"""), await Next(events));
        Assert.Null(await events.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_client_that_comes_back_goes_on_after_the_last_line_it_saw()
    {
        await Write("one\ntwo\nthree\n", "bad\n");
        await End();
        using var events = await Follow("stdout", lastEventId: "1");
        Assert.Equal(("2", "line", "two"), await Next(events));
        Assert.Equal(("3", "line", "three"), await Next(events));
        Assert.Equal("end", (await Next(events)).Event);
        (await api.Send(HttpMethod.Head, Path("combined") + "stream/")).Expect(200);
        (await api.Get("/v6/job-executions/77/logs/combined/stream/")).Expect(404);
    }

    private async Task<StreamReader> Follow(string log, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Path(log) + "stream/") { Headers = { { "Accept", "text/event-stream" } } };
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event; of a line its message.</summary>
    private static async Task<(string Id, string Event, string Data)> Next(StreamReader events)
    {
        var found = (Id: "", Event: "", Data: "");
        while (await events.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            found = name switch
            {
                "id" => found with { Id = value },
                "event" => found with { Event = value },
                _ => found with { Data = value },
            };
        }

        return found.Event == "line" ? found with { Data = System.Text.Json.JsonElement.Parse(found.Data).GetProperty("message").GetString()! } : found;
    }

    /// <summary>What the cluster does once the end of an execution is committed.</summary>
    private async Task End()
    {
        await new Seed(api).Run("UPDATE job_exe SET is_settled = TRUE");
        api.Services.GetRequiredService<PackedLogs>().Pack(execution.Id, folder);
        Directory.Delete(folder.Root, recursive: true);
    }

    private string Path(string log) => $"/v6/job-executions/{execution.Id}/logs/{log}/";

    private async Task Write(string standardOutput, string standardError)
    {
        await File.WriteAllTextAsync(folder.StandardOutput, standardOutput);
        await File.WriteAllTextAsync(folder.StandardError, standardError);
    }
}
