using Scale.Client;

namespace Scale.Demo;

/// <summary>How the demo shows what it does: a live picture on a terminal, lines elsewhere.</summary>
public interface IDemoDisplay
{
    void Say(string line);

    IBatchProgress BeginBatch(string name);
}

public interface IBatchProgress : IAsyncDisposable
{
    /// <param name="batch">In its details form.</param>
    void Show(Batch batch);
}
