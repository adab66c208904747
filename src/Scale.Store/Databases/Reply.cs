using System.Runtime.CompilerServices;

namespace Scale.Store.Databases;

/// <summary>What a statement that was asked answers: it is sent, with all that wait, when the first of their answers is awaited.</summary>
public readonly struct Reply<T>
{
    private readonly Session? session;
    private readonly Task<T> result;

    /// <summary>An answer that is known without asking.</summary>
    public Reply(T result) => this.result = Task.FromResult(result);

    internal Reply(Task<T> result) => this.result = result;

    internal Reply(Session session, T result)
    {
        this.session = session;
        this.result = Task.FromResult(result);
    }

    public TaskAwaiter<T> GetAwaiter() => (session is null ? result : Receive(session, result)).GetAwaiter();

    private static async Task<T> Receive(Session session, Task<T> result)
    {
        await session.Flush();
        return await result;
    }
}
