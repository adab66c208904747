using System.Runtime.CompilerServices;

namespace Scale.Store.Databases;

/// <summary>What a statement that was asked answers: it is sent, with all that wait, when the first of their answers is awaited.</summary>
public readonly struct Reply<T>
{
    private readonly Pipeline? pipeline;
    private readonly Task<T> result;

    /// <summary>An answer that is known without asking.</summary>
    public Reply(T result) => this.result = Task.FromResult(result);

    internal Reply(Task<T> result) => this.result = result;

    internal Reply(Pipeline pipeline, T result)
    {
        this.pipeline = pipeline;
        this.result = Task.FromResult(result);
    }

    public TaskAwaiter<T> GetAwaiter() => (pipeline is null ? result : Receive(pipeline, result)).GetAwaiter();

    private static async Task<T> Receive(Pipeline pipeline, Task<T> result)
    {
        await pipeline.Run();
        return await result;
    }
}
