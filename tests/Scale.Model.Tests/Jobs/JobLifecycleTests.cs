using Scale.Model.Jobs;

namespace Scale.Model.Tests.Jobs;

public class JobLifecycleTests
{
    [Theory]
    [InlineData(JobStatus.Pending, "BLOCKED QUEUED CANCELED")]
    [InlineData(JobStatus.Blocked, "PENDING QUEUED CANCELED")]
    [InlineData(JobStatus.Queued, "QUEUED RUNNING CANCELED")]
    [InlineData(JobStatus.Running, "QUEUED FAILED COMPLETED CANCELED")]
    [InlineData(JobStatus.Failed, "QUEUED CANCELED")]
    [InlineData(JobStatus.Completed, "")]
    [InlineData(JobStatus.Canceled, "PENDING QUEUED")]
    public void A_job_moves_only_where_the_state_machine_says(JobStatus from, string to) => Assert.Equal(
        to, string.Join(' ', Enum.GetValues<JobStatus>().Where(status => JobLifecycle.CanMove(from, status)).Select(s => s.ToString().ToUpperInvariant())));

    [Fact]
    public void Only_completed_failed_and_canceled_jobs_have_ended() =>
        Assert.Equal([JobStatus.Failed, JobStatus.Completed, JobStatus.Canceled], Enum.GetValues<JobStatus>().Where(JobLifecycle.HasEnded));

    [Fact]
    public void Stored_numbers_never_change()
    {
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Enum.GetValues<JobStatus>().Select(s => (int)s));
        Assert.Equal(["Pending", "Blocked", "Queued", "Running", "Failed", "Completed", "Canceled"], Enum.GetNames<JobStatus>());
        Assert.All(Enum.GetValues<ExecutionStatus>(), status => Assert.Equal(status.ToString(), ((JobStatus)(short)status).ToString()));
        Assert.Equal([ExecutionStep.Pull, ExecutionStep.Pre, ExecutionStep.Main, ExecutionStep.Post], Enum.GetValues<ExecutionStep>().OrderBy(s => (int)s));
    }

    [Theory]
    [InlineData(true, 1, 3, true)]
    [InlineData(true, 2, 3, true)]
    [InlineData(true, 3, 3, false)]
    [InlineData(true, 4, 3, false)]
    [InlineData(true, 1, 1, false)]
    [InlineData(true, 1, 0, false)]
    [InlineData(false, 1, 3, false)]
    public void Retried_errors_are_retried_until_the_tries_are_used_up(bool errorIsRetried, int executions, int maxTries, bool isRetried)
    {
        Assert.Equal(isRetried, RetryPolicy.ShouldRetry(errorIsRetried, executions, maxTries));
        Assert.True(RetryPolicy.ShouldRetry(errorIsRetried, executions, maxTries, isLongRunning: true));
        Assert.False(RetryPolicy.ShouldRetry(errorIsRetried, executions, maxTries, isSuperseded: true));
        Assert.False(RetryPolicy.ShouldRetry(errorIsRetried, executions, maxTries, isLongRunning: true, isSuperseded: true));
    }

    [Theory]
    [InlineData(JobStatus.Pending, 0, RequeueAction.Skip)]
    [InlineData(JobStatus.Blocked, 0, RequeueAction.Skip)]
    [InlineData(JobStatus.Pending, 1, RequeueAction.Skip)]
    [InlineData(JobStatus.Failed, 1, RequeueAction.Queue)]
    [InlineData(JobStatus.Canceled, 2, RequeueAction.Queue)]
    [InlineData(JobStatus.Canceled, 0, RequeueAction.Uncancel)]
    [InlineData(JobStatus.Completed, 1, RequeueAction.Skip)]
    public void Requeue_starts_failed_and_canceled_jobs_again(JobStatus status, int executions, RequeueAction action)
    {
        Assert.Equal(action, RequeuePolicy.Decide(status, executions, hasInput: true, isSuperseded: false, isNamed: false));
        Assert.Equal(action, RequeuePolicy.Decide(status, executions, hasInput: true, isSuperseded: false, isNamed: true));
        Assert.Equal(RequeueAction.Skip, RequeuePolicy.Decide(status, executions, hasInput: true, isSuperseded: true, isNamed: true));
    }

    [Theory]
    [InlineData(JobStatus.Queued)]
    [InlineData(JobStatus.Running)]
    public void Requeue_touches_what_waits_or_runs_only_when_it_is_named(JobStatus status)
    {
        Assert.Equal(RequeueAction.Skip, RequeuePolicy.Decide(status, 1, hasInput: true, isSuperseded: false, isNamed: false));
        Assert.Equal(RequeueAction.Queue, RequeuePolicy.Decide(status, 1, hasInput: true, isSuperseded: false, isNamed: true));
    }

    [Fact]
    public void Requeue_needs_an_input_except_to_uncancel()
    {
        Assert.Equal(RequeueAction.Skip, RequeuePolicy.Decide(JobStatus.Failed, 1, hasInput: false, isSuperseded: false, isNamed: true));
        Assert.Equal(RequeueAction.Uncancel, RequeuePolicy.Decide(JobStatus.Canceled, 0, hasInput: false, isSuperseded: false, isNamed: false));
    }

    [Theory]
    [InlineData(2, 3, 5)]
    [InlineData(1, 0, 1)]
    [InlineData(5, int.MaxValue, int.MaxValue)]
    public void Requeue_gives_fresh_tries_on_top_of_those_used(int executions, int ofType, int maxTries) => Assert.Equal(maxTries, RequeuePolicy.MaxTries(executions, ofType));
}
