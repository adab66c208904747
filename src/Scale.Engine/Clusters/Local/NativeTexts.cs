using System.Runtime.InteropServices;
using System.Text;

namespace Scale.Engine.Clusters.Local;

/// <summary>A list of texts as C programs take it: pointers to bytes that end with zero, and a last pointer of zero.</summary>
internal sealed class NativeTexts : IDisposable
{
    public NativeTexts(IReadOnlyList<string> texts)
    {
        var size = (texts.Count + 1) * nint.Size;
        var total = size + texts.Sum(text => Encoding.UTF8.GetByteCount(text) + 1);
        Pointer = Marshal.AllocHGlobal(total);
        unsafe
        {
            var pointers = new Span<nint>((void*)Pointer, texts.Count + 1);
            var bytes = new Span<byte>((void*)Pointer, total);
            var offset = size;
            for (var i = 0; i < texts.Count; i++)
            {
                pointers[i] = Pointer + offset;
                offset += Encoding.UTF8.GetBytes(texts[i], bytes[offset..]);
                bytes[offset++] = 0;
            }

            pointers[texts.Count] = 0;
        }
    }

    public nint Pointer { get; }

    public void Dispose() => Marshal.FreeHGlobal(Pointer);
}
