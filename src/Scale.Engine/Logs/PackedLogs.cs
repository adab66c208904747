using System.Globalization;
using System.IO.Compression;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Logs;

/// <summary>Logs of ended executions: one archive each with both streams, compressed, and their index. An execution that said nothing has none.</summary>
public sealed class PackedLogs(EngineOptions options)
{
    private const int FilesPerShard = 1000;
    private const string IndexEntry = "index";

    /// <summary>Packs the logs of an execution whose processes have ended; packing again replaces.</summary>
    public void Pack(long executionId, ExecutionFolder folder)
    {
        if (IsEmpty(folder.StandardOutput) && IsEmpty(folder.StandardError))
        {
            return;
        }

        folder.CutLogs(options.LogLimit);
        var segments = LogIndex.Update(folder, options.LogLimit + ExecutionFolder.NoticeRoom, isFinal: true);

        var path = PathOf(executionId);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".tmp";
        using (var archive = new ZipArchive(new FileStream(temporary, FileMode.Create), ZipArchiveMode.Create))
        {
            Add(archive, LogStream.StandardOutput, folder.StandardOutput);
            Add(archive, LogStream.StandardError, folder.StandardError);
            using var index = new StreamWriter(archive.CreateEntry(IndexEntry, CompressionLevel.Fastest).Open());
            foreach (var segment in segments)
            {
                index.Write(LogIndex.Line(segment));
            }
        }

        File.Move(temporary, path, overwrite: true);
    }

    internal bool Exists(long executionId) => File.Exists(PathOf(executionId));

    internal (IReadOnlyList<LogSegment> Segments, Func<LogStream, Stream> Open, IDisposable Archive) Open(long executionId)
    {
        var archive = ZipFile.OpenRead(PathOf(executionId));
        using var index = new StreamReader(archive.GetEntry(IndexEntry)!.Open());
        return (LogIndex.Parse(index.ReadToEnd()).ToList(), stream => archive.GetEntry(NameOf(stream))!.Open(), archive);
    }

    private string PathOf(long executionId) =>
        Path.Combine(options.LogsFolder, (executionId / FilesPerShard).ToString(CultureInfo.InvariantCulture), $"{executionId.ToString(CultureInfo.InvariantCulture)}.zip");

    private static void Add(ZipArchive archive, LogStream stream, string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var entry = archive.CreateEntry(NameOf(stream), CompressionLevel.Fastest).Open();
        using var text = File.OpenRead(path);
        text.CopyTo(entry);
    }

    private static bool IsEmpty(string path) => FileCalls.SizeOf(path) is null or 0;

    private static string NameOf(LogStream stream) => stream == LogStream.StandardOutput ? "stdout.log" : "stderr.log";
}
