using Microsoft.Extensions.Hosting;
using Scale.Store.Access;
using Scale.Store.Databases;

namespace Scale.Api.Access;

/// <summary>Makes the staff account <c>admin</c> at the first start and keeps its token in a file that only the owner can read.</summary>
public sealed class AdminAccount(Database database, ApiOptions options, TimeProvider clock) : IHostedService
{
    public async Task StartAsync(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        await using var session = await database.Write(cancel);
        var id = await AccountStore.Create(session, "admin", options.AdminPassword, "Admin", "User", isStaff: true, now);
        if (options.AdminPassword is { } password)
        {
            await AccountStore.SetPassword(session, id, password);
        }

        var token = await AccountStore.Token(session, id, now);
        await session.Commit();
        if (options.AdminTokenPath is { } path)
        {
            await WriteToken(path, token);
        }
    }

    public Task StopAsync(CancellationToken cancel) => Task.CompletedTask;

    private static async Task WriteToken(string path, string token)
    {
        if (File.Exists(path) && (await File.ReadAllTextAsync(path)).Trim() == token)
        {
            return;
        }

        // Another name first: the file is never there half, nor for a moment readable by others.
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new StreamWriter(temporary, options))
        {
            await file.WriteLineAsync(token);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
