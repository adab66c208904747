using System.CommandLine;
using Scale.Model.JobTypes.Seed;

namespace Scale.JobTypes;

internal static class InitCommand
{
    // The program takes what every job type has: a file, a value, a folder for outputs.
    private const string Program =
        """
        #!/bin/sh
        # Arguments as the manifest's command gives them: the file, the word, the folder for outputs.
        # What is written to standard output and error is the job's log. Exit codes are named in the manifest's errors.
        file="$1" word="$2" outputs="$3"

        if [ ! -s "$file" ]; then
            echo "$file is empty" >&2
            exit 3
        fi

        grep -F -- "$word" "$file" > "$outputs/matches.txt"
        echo "{\"count\": $(grep -c '' "$outputs/matches.txt")}" > "$outputs/seed.outputs.json"

        """;

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder to make; its name becomes the job type's" };
        var command = new Command("init", "Writes a small manifest and a program to start from");
        command.Arguments.Add(folder);
        command.SetAction(parsed => Run(parsed.GetValue(folder)!));
        return command;
    }

    private static int Run(string place)
    {
        var folder = Path.GetFullPath(place).TrimEnd('/');
        var name = Path.GetFileName(folder).Replace('_', '-').Replace('.', '-').ToLowerInvariant();
        if (!SeedNames.IsJobName(name))
        {
            Console.Error.WriteLine($"scale: '{Path.GetFileName(folder)}' is no name for a job type; letters, digits and '-' are");
            return 2;
        }

        var manifest = Path.Combine(folder, ManifestFile.Name);
        var program = Path.Combine(folder, "bin", "main");
        if (new[] { manifest, program }.FirstOrDefault(File.Exists) is { } there)
        {
            Console.Error.WriteLine($"scale: {there} is there already; nothing was written");
            return 1;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(program)!);
            File.WriteAllText(manifest, Manifest(name));
            File.WriteAllText(program, Program);
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"scale: {e.Message}");
            return 1;
        }

        Console.WriteLine(manifest);
        Console.WriteLine(program);
        Console.WriteLine($"Try it:  scale job-type run {place} -i TEXT=FILE -i WORD=word -o OUTDIR");
        return 0;
    }

    private static string Manifest(string name) =>
        $$"""
        {
          "seedVersion": "1.0.0",
          "job": {
            "name": "{{name}}",
            "jobVersion": "1.0.0",
            "packageVersion": "1.0.0",
            "title": "{{name}}",
            "description": "Finds the lines of a text that hold a word",
            "maintainer": {"name": "Your name", "email": "you@example.org"},
            "timeout": 60,
            "interface": {
              "command": "bin/main ${TEXT} \"${WORD}\" ${OUTPUT_DIR}",
              "inputs": {
                "files": [{"name": "TEXT", "mediaTypes": ["text/plain"]}],
                "json": [{"name": "WORD", "type": "string"}]
              },
              "outputs": {
                "files": [{"name": "MATCHES", "pattern": "matches.txt", "mediaType": "text/plain"}],
                "json": [{"name": "count", "type": "integer"}]
              }
            },
            "resources": {"scalar": [{"name": "cpus", "value": 0.5}, {"name": "mem", "value": 128}, {"name": "disk", "value": 1, "inputMultiplier": 1.0}]},
            "errors": [{"code": 3, "name": "empty-file", "title": "Empty file", "description": "The text has no line", "category": "data"}]
          }
        }

        """;
}
