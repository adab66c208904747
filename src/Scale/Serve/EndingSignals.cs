using System.Runtime.InteropServices;

namespace Scale.Serve;

/// <summary>Turns SIGINT and SIGTERM into a cancellation, so that everything ends in order.</summary>
public sealed class EndingSignals : IDisposable
{
    private readonly CancellationTokenSource asked = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    public EndingSignals()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    }

    public CancellationToken Token => asked.Token;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        asked.Dispose();
    }

    private void End(PosixSignalContext context)
    {
        // A second signal is not held back: it ends the process the hard way, which loses nothing either.
        context.Cancel = !asked.IsCancellationRequested;
        asked.Cancel();
    }
}
