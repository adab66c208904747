using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Scale.Client;
using Scale.Engine;
using Scale.Serve;
using Spectre.Console;

namespace Scale.Demo;

public static class DemoCommand
{
    public static Command Create()
    {
        var options = new ServerOptions();
        var input = new Option<string?>("--input") { Description = "Folder with files of your own instead of generated scenes: two-band PNG, or GeoTIFF with --gdal", HelpName = "DIR" };
        var scenes = new Option<int>("--scenes") { Description = "How many scenes to generate, 1 to 100000", HelpName = "N", DefaultValueFactory = _ => 24 };
        var gdal = new Option<bool>("--gdal") { Description = "Runs the gdal example over GeoTIFFs; needs --input and the gdal tools" };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object as the last line" };
        var keep = new Option<bool>("--keep") { Description = "Keeps the server running at the end" };
        scenes.Validators.Add(result => ServerOptions.RequireRange(result, scenes, 1, 100_000));
        input.Validators.Add(result =>
        {
            if (result.GetValue(input) is { } folder && !Directory.Exists(folder))
            {
                result.AddError($"--input: there is no folder '{folder}'");
            }
        });

        var command = new Command("demo", "Runs the main job: ingest, dataset, batch, change one algorithm, batch again, compare. Run again on the same data folder, it goes on there");
        options.AddTo(command);
        foreach (var option in new Option[] { input, scenes, gdal, json, keep })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(gdal) && result.GetValue(input) is null)
            {
                result.AddError("--gdal needs --input, a folder with GeoTIFF files");
            }
        });
        command.SetAction((parsed, cancel) => Run(
            options.Read(parsed), parsed.GetValue(input), parsed.GetValue(scenes), parsed.GetValue(gdal), parsed.GetValue(json), parsed.GetValue(keep), cancel));
        return command;
    }

    private static async Task<int> Run(EngineOptions engine, string? input, int scenes, bool gdal, bool json, bool keep, CancellationToken cancel)
    {
        if (gdal && engine.Cluster == ClusterKind.Local && !IsOnPath("gdalinfo"))
        {
            throw new StartException("--gdal needs the gdal tools, and there is no 'gdalinfo' on the PATH; on Debian: apt install gdal-bin");
        }

        var console = AnsiConsole.Console;
        IDemoDisplay display = console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi ? new LiveDisplay(console) : new PlainDisplay(Console.Out);
        await using var server = await ServerHost.Start(engine, "http://127.0.0.1:0", LogLevel.Warning, cancel);
        display.Say($"server at {server.Address} on {engine.DataFolder}");

        using var connection = new ScaleConnection(server.Address, (await File.ReadAllTextAsync(engine.AdminTokenPath, cancel)).Trim());
        var client = new ScaleClient(connection);
        var pipeline = Pipeline.Load(gdal ? "gdal" : "imagery", engine.ImageRoots);
        var folder = input is null ? Path.Combine(engine.DataFolder, "scenes", $"{scenes}") : Path.TrimEndingDirectorySeparator(Path.GetFullPath(input));
        if (input is null)
        {
            await SampleScenes.Make(pipeline, scenes, folder, cancel);
        }

        var job = new MainJob(client, pipeline, engine.DataFolder, display, TimeSpan.FromMilliseconds(100));
        var files = await job.Ingest(folder, cancel);
        var chain = new List<Batch>();
        foreach (var batch in await job.RunBatches(files, cancel))
        {
            chain.Add(await client.GetBatch(batch.Id, cancel));
        }

        var (result, products) = await DemoResult.Collect(client, chain, cancel);
        ComparisonTable.Write(console, chain, result);
        await ReportFailures(display, client, chain, cancel);
        Report(display, engine, server.Address, keep, chain, products);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result));
        }

        if (keep)
        {
            await server.UntilEnd(cancel);
        }

        return chain[^1].IsComplete && result.Failed == 0 ? 0 : 1;
    }

    private static async Task ReportFailures(IDemoDisplay display, ScaleClient client, IReadOnlyList<Batch> chain, CancellationToken cancel)
    {
        const int Shown = 10;
        const int LinesOfLog = 5;
        foreach (var batch in chain)
        {
            foreach (var job in await client.ListFailedJobs(batch.Id, Shown, cancel))
            {
                display.Say($"job {job.Id}, {job.JobType} of {string.Join(", ", job.InputFiles)}: failed with {job.Error} ({job.Category}); the end of its log:");
                var log = await client.GetLog(job.Id, cancel);
                foreach (var line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LinesOfLog))
                {
                    display.Say($"  {line}");
                }
            }
        }
    }

    private static void Report(IDemoDisplay display, EngineOptions engine, Uri address, bool keep, IReadOnlyList<Batch> chain, IReadOnlyList<string> products)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, engine.DataFolder);
        var shown = relative.StartsWith("..", StringComparison.Ordinal) ? engine.DataFolder : relative;
        var database = engine.PostgresConnection is { } connection ? $" --database '{connection}'" : "";
        var url = keep ? address.ToString().TrimEnd('/') : "http://127.0.0.1:8000";
        display.Say($"{products.Count} products are in {Path.Combine(engine.DataFolder, "products")}");
        if (products.LastOrDefault(path => path.EndsWith(".png", StringComparison.Ordinal)) is { } example)
        {
            display.Say($"for example {example}");
        }

        display.Say(keep ? "the server goes on until Ctrl-C; look at it:" : "look at it:");
        if (!keep)
        {
            display.Say($"  ./scale serve --data {shown}{database}");
        }

        display.Say($"  curl -H \"Authorization: Token $(cat {shown}/admin-token)\" {url}/v6/batches/comparison/{chain[0].Id}/");
        display.Say($"  {url}/docs in the browser");
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
