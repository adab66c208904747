using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Model.Tests.JobTypes;

namespace Scale.Model.Tests.Errors;

public class ErrorTests
{
    [Theory]
    [InlineData("unknown", "Unknown", "SYSTEM", true, 1)]
    [InlineData("database", "Database", "SYSTEM", true, 2)]
    [InlineData("database-operation", "Database Operation", "SYSTEM", true, 3)]
    [InlineData("filesystem-io", "Filesystem I/O", "SYSTEM", true, 4)]
    [InlineData("task-launch", "Task Launch", "SYSTEM", true, null)]
    [InlineData("docker-task-launch", "Docker Launch", "SYSTEM", true, null)]
    [InlineData("docker-terminated", "Docker Terminated", "SYSTEM", true, null)]
    [InlineData("node-lost", "Node Lost", "SYSTEM", true, null)]
    [InlineData("resource-starvation", "Resource Starvation", "SYSTEM", true, null)]
    [InlineData("launch-timeout", "Launch Timeout", "SYSTEM", true, null)]
    [InlineData("pull-timeout", "Pull-task Timeout", "SYSTEM", true, null)]
    [InlineData("pre-timeout", "Pre-task Timeout", "SYSTEM", true, null)]
    [InlineData("post-timeout", "Post-task Timeout", "SYSTEM", true, null)]
    [InlineData("system-timeout", "Timeout", "SYSTEM", true, null)]
    [InlineData("ingest-timeout", "Ingest Timeout", "SYSTEM", true, null)]
    [InlineData("pull", "Docker Pull Failed", "SYSTEM", true, null)]
    [InlineData("scheduler-lost", "Scheduler Restarted", "SYSTEM", true, null)]
    [InlineData("missing-setting", "Missing Setting", "SYSTEM", false, 6)]
    [InlineData("missing-mount", "Missing Mount", "SYSTEM", false, 10)]
    [InlineData("deleted-file", "Deleted File", "SYSTEM", false, 8)]
    [InlineData("missing-file", "Missing File", "SYSTEM", false, 9)]
    [InlineData("test", "Test Error", "SYSTEM", false, 11)]
    [InlineData("timeout", "Timeout", "ALGORITHM", false, null)]
    [InlineData("algorithm-unknown", "Algorithm Failure", "ALGORITHM", false, null)]
    [InlineData("invalid-results-manifest", "Invalid Results Manifest", "ALGORITHM", false, 5)]
    [InlineData("missing-required-output", "Missing Required Output", "ALGORITHM", false, 7)]
    [InlineData("unexpected-multiple-outputs", "Unexpected Multiple Outputs", "ALGORITHM", false, 26)]
    [InlineData("output-capture-error", "Output Capture Error", "ALGORITHM", false, 20)]
    [InlineData("out-of-memory", "Out of Memory", "ALGORITHM", false, null)]
    public void A_builtin_error_is_what_the_contract_says(string name, string title, string category, bool isRetried, int? exitCode)
    {
        var error = BuiltinErrors.Get(name);
        Assert.Equal((name, title, category, isRetried, exitCode), (error.Name, error.Title, error.Category.NameOf(), error.ShouldBeRetried, error.ExitCode));
        Assert.NotEmpty(error.Description);
        if (exitCode is { } code)
        {
            Assert.Same(error, BuiltinErrors.OfExitCode(code));
        }
    }

    [Fact]
    public void There_are_no_other_builtin_errors()
    {
        Assert.Equal(29, BuiltinErrors.All.Count);
        Assert.Null(BuiltinErrors.Find("disk-full"));
        Assert.Throws<KeyNotFoundException>(() => BuiltinErrors.Get("disk-full"));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(137)]
    [InlineData(-1)]
    public void Any_other_code_of_a_system_program_is_unknown(int code) => Assert.Equal("unknown", BuiltinErrors.OfExitCode(code).Name);

    [Fact]
    public void Categories_keep_their_names_and_numbers()
    {
        Assert.Equal([("SYSTEM", 0), ("ALGORITHM", 1), ("DATA", 2)], Enum.GetValues<ErrorCategory>().Select(c => (c.NameOf(), (int)c)));
        Assert.All(Enum.GetValues<ErrorCategory>(), category => Assert.Equal(category, ErrorCategories.FromName(category.NameOf())));
        Assert.Null(ErrorCategories.FromName("system"));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ErrorCategory)9).NameOf());
    }

    [Theory]
    [InlineData(ExecutionStep.Main, false, 0, null)]
    [InlineData(ExecutionStep.Main, false, 3, "second")]
    [InlineData(ExecutionStep.Main, false, 137, "killed")]
    [InlineData(ExecutionStep.Main, false, 1, "+algorithm-unknown")]
    [InlineData(ExecutionStep.Main, false, 5, "+algorithm-unknown")]
    [InlineData(ExecutionStep.Main, true, 3, "+database-operation")]
    [InlineData(ExecutionStep.Main, true, 77, "+unknown")]
    [InlineData(ExecutionStep.Main, true, 0, null)]
    [InlineData(ExecutionStep.Pull, false, 3, "+pull")]
    [InlineData(ExecutionStep.Pull, false, 0, null)]
    [InlineData(ExecutionStep.Pre, false, 3, "+database-operation")]
    [InlineData(ExecutionStep.Pre, false, 10, "+missing-mount")]
    [InlineData(ExecutionStep.Pre, false, 0, null)]
    [InlineData(ExecutionStep.Post, false, 26, "+unexpected-multiple-outputs")]
    [InlineData(ExecutionStep.Post, false, 99, "+unknown")]
    public void An_exit_code_means_what_its_step_makes_of_it(ExecutionStep step, bool isSystemJob, int exitCode, string? error)
    {
        var manifest = SeedJson.Read("""{"errors":[{"code":3,"name":"first"},{"code":137,"name":"killed"},{"code":0,"name":"never"},{"code":3,"name":"second"}]}""");
        Assert.Equal(error is null ? null : new MappedError(error.TrimStart('+'), IsBuiltin: error.StartsWith('+')), ErrorMapping.OfStep(step, isSystemJob, manifest, exitCode));
    }

    [Fact]
    public void A_manifest_may_name_its_error_like_a_builtin_one() => Assert.Equal(
        new MappedError("missing-mount", IsBuiltin: false), ErrorMapping.OfMain(SeedJson.Read("""{"errors":[{"code":9,"name":"missing-mount"}]}"""), 9));

    [Theory]
    [InlineData(ExecutionStep.Pull, false, "any", "pull-timeout")]
    [InlineData(ExecutionStep.Pre, false, "any", "pre-timeout")]
    [InlineData(ExecutionStep.Main, false, "any", "timeout")]
    [InlineData(ExecutionStep.Main, false, "scale-ingest", "timeout")]
    [InlineData(ExecutionStep.Post, false, "any", "post-timeout")]
    [InlineData(ExecutionStep.Main, true, "scale-delete-files", "system-timeout")]
    [InlineData(ExecutionStep.Main, true, "scale-ingest", "ingest-timeout")]
    public void A_timeout_is_named_after_its_step(ExecutionStep step, bool isSystemJob, string jobType, string error) =>
        Assert.Equal(new MappedError(error, IsBuiltin: true), ErrorMapping.OfTimeout(step, isSystemJob, jobType));

    [Theory]
    [InlineData(true, "docker-task-launch", "docker-terminated")]
    [InlineData(false, "task-launch", "unknown")]
    public void What_never_started_or_left_no_code_depends_on_containers(bool isContainer, string failedLaunch, string missingExitCode)
    {
        Assert.Equal(new MappedError(failedLaunch, IsBuiltin: true), ErrorMapping.OfFailedLaunch(isContainer));
        Assert.Equal(new MappedError(missingExitCode, IsBuiltin: true), ErrorMapping.OfMissingExitCode(isContainer));
    }
}
