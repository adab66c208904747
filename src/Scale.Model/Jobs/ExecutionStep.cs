namespace Scale.Model.Jobs;

/// <summary>The steps of an execution, in order (jobs-and-queue.md §13.10). System jobs have only <see cref="Main"/>.</summary>
public enum ExecutionStep : short
{
    Pull = 0,
    Pre = 1,
    Main = 2,
    Post = 3,
}
