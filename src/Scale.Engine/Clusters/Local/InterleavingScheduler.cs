using System.Collections.Concurrent;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Runs many short tasks of one kind without keeping others from the thread pool: they stand in its queue one at a time, so that whatever else was
/// queued meanwhile has its turn between two of them. One that blocks does not hold up the next.
/// </summary>
public sealed class InterleavingScheduler : TaskScheduler, IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Task> waiting = new();
    private int count;

    /// <summary>Starts tasks here; what they go on with, and what they start, is not bound to it.</summary>
    public static TaskFactory NewFactory() => new(
        CancellationToken.None, TaskCreationOptions.HideScheduler, TaskContinuationOptions.HideScheduler, new InterleavingScheduler());

    /// <summary>The next of them; called by the thread pool.</summary>
    public void Execute()
    {
        waiting.TryDequeue(out var task);
        if (Interlocked.Decrement(ref count) > 0)
        {
            StandInLine();
        }

        TryExecuteTask(task!);
    }

    protected override void QueueTask(Task task)
    {
        waiting.Enqueue(task);
        if (Interlocked.Increment(ref count) == 1)
        {
            StandInLine();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => waiting.ToArray();

    private void StandInLine() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
}
