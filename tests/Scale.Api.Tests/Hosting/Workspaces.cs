namespace Scale.Api.Tests.Hosting;

public static class Workspaces
{
    /// <summary>A host workspace in a folder of the test; the folder exists.</summary>
    /// <returns>Id and absolute path.</returns>
    public static async Task<(long Id, string Path)> AddWorkspace(this ApiFixture api, string title)
    {
        var path = Directory.CreateDirectory(Path.Combine(api.Folder, title)).FullName;
        var answer = (await api.Post("/v6/workspaces/", new { title, configuration = new { broker = new { type = "host", host_path = path } } })).Expect(201);
        return (answer["id"].GetInt64(), path);
    }
}
