using Npgsql;

namespace Scale.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task A_second_run_on_the_same_data_folder_makes_the_next_batch_of_the_chain()
    {
        using var folder = new TemporaryFolder();
        for (var batches = 2; batches <= 3; batches++)
        {
            await using var run = ProgramRun.Scale("demo", "--json", "--scenes", "3", "--data", folder.Path);
            await run.Success();
            DemoAssertions.ShowsTheMainJob(run.Result, scenes: 3, batches);
        }

        await using var check = ProgramRun.Scale("check", "--data", folder.Path);
        await check.Success();
    }

    [Fact]
    public async Task The_main_job_runs_on_a_simulated_cluster()
    {
        using var folder = new TemporaryFolder();
        await using var run = ProgramRun.Scale("demo", "--json", "--scenes", "20", "--cluster", "simulated", "--data", folder.Path);

        await run.Success();
        DemoAssertions.ShowsTheMainJob(run.Result, scenes: 20);
    }

    [Fact]
    public async Task The_main_job_runs_on_PostgreSQL()
    {
        using var folder = new TemporaryFolder();
        await using var database = await PostgresDatabase.Create();
        await using var run = ProgramRun.Scale("demo", "--json", "--data", folder.Path, "--database", database.Connection);

        await run.Success();
        DemoAssertions.ShowsTheMainJob(run.Result, scenes: 24);
        Assert.False(File.Exists(folder.Below("scale.db")));
        await using var check = ProgramRun.Scale("check", "--database", database.Connection);
        await check.Success();
    }

    [Fact]
    public async Task A_scene_that_is_damaged_fails_alone_with_a_data_error()
    {
        using var folder = new TemporaryFolder();
        var input = folder.Below("input");
        Directory.CreateDirectory(input);
        await using (var good = ProgramRun.Scale("demo", "--json", "--scenes", "2", "--cluster", "simulated", "--data", folder.Below("maker")))
        {
            await good.Success();
        }

        foreach (var scene in Directory.EnumerateFiles(folder.Below("maker/scenes/2")))
        {
            File.Copy(scene, Path.Combine(input, Path.GetFileName(scene)));
        }

        await File.WriteAllBytesAsync(Path.Combine(input, "damaged.png"), (await File.ReadAllBytesAsync(Path.Combine(input, "scene-0001.png")))[..5000]);

        await using var run = ProgramRun.Scale("demo", "--json", "--input", input, "--data", folder.Below("data"));

        Assert.Equal(1, await run.Exit());
        Assert.Equal(1, run.Result.GetProperty("failed").GetInt32());
        var batch = run.Result.GetProperty("batches")[0];
        Assert.Equal(3, batch.GetProperty("recipes").GetInt32());
        Assert.Equal(2 * 4, batch.GetProperty("jobs_completed").GetInt32());
    }

    [Fact]
    public async Task A_folder_without_usable_files_is_a_clear_message()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.Below("empty"));
        await using var run = ProgramRun.Scale("demo", "--input", folder.Below("empty"), "--data", folder.Below("data"));

        Assert.Equal(1, await run.Exit());
        Assert.Contains(folder.Below("empty"), run.Errors);
    }

    private sealed class PostgresDatabase(string server, string name) : IAsyncDisposable
    {
        public string Connection { get; } = new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;

        public static async Task<PostgresDatabase> Create()
        {
            var server = Environment.GetEnvironmentVariable("SCALE_TEST_POSTGRES")
                ?? throw new InvalidOperationException("SCALE_TEST_POSTGRES is not set: run ./scale test, or set it to the connection string of a PostgreSQL server for tests.");
            var name = $"scale_e2e_{Guid.NewGuid():N}";
            await Run(server, $"CREATE DATABASE {name}");
            return new PostgresDatabase(server, name);
        }

        public async ValueTask DisposeAsync() => await Run(server, $"DROP DATABASE {name} WITH (FORCE)");

        private static async Task Run(string server, string sql)
        {
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
