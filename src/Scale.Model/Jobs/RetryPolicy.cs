namespace Scale.Model.Jobs;

/// <summary>Whether a failed execution is followed by another (jobs-and-queue.md §13.4).</summary>
public static class RetryPolicy
{
    /// <param name="errorIsRetried">The error's <c>should_be_retried</c>.</param>
    /// <param name="executions">How often the job was queued so far, this execution included.</param>
    /// <param name="maxTries">Total number of tries: 3 means two retries, 0 and 1 none.</param>
    public static bool ShouldRetry(bool errorIsRetried, int executions, int maxTries, bool isLongRunning = false, bool isSuperseded = false) =>
        ((errorIsRetried && executions < maxTries) || isLongRunning) && !isSuperseded;
}
