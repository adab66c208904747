using System.Buffers.Binary;
using System.IO.Compression;

namespace Scale.Examples.Imagery;

internal static class PngWriter
{
    /// <summary>Writes under a temporary name beside <paramref name="path"/> and renames, so nobody ever sees half a file.</summary>
    public static void Write(string path, Raster raster)
    {
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, raster.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], raster.Height);
        header[8] = (byte)raster.BitDepth;
        header[9] = raster.Bands switch { 1 => 0, 2 => 4, 3 => 2, _ => 6 };
        header[10..].Clear();
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Pack(raster));
        WriteChunk(file, "IEND"u8, []);
        var temporary = path + ".part";
        using (var target = File.Create(temporary))
        {
            file.WriteTo(target);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static ReadOnlySpan<byte> Pack(Raster raster)
    {
        // Each sample as its difference to the one on its left: cheap, and pictures shrink well.
        const byte Sub = 1;
        var sampleBytes = raster.BitDepth / 8;
        var step = raster.Bands * sampleBytes;
        var plain = new byte[raster.Width * step];
        var filtered = new byte[plain.Length + 1];
        filtered[0] = Sub;
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < raster.Height; y++)
            {
                var row = raster.Samples.AsSpan(y * raster.Width * raster.Bands, raster.Width * raster.Bands);
                for (var i = 0; i < row.Length; i++)
                {
                    if (sampleBytes == 1)
                    {
                        plain[i] = (byte)row[i];
                    }
                    else
                    {
                        BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2 * i), row[i]);
                    }
                }

                for (var i = 0; i < plain.Length; i++)
                {
                    filtered[i + 1] = (byte)(plain[i] - (i < step ? 0 : plain[i - step]));
                }

                zlib.Write(filtered);
            }
        }

        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        var start = (int)file.Position;
        file.Write(type);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(file.GetBuffer().AsSpan(start, 4 + content.Length)));
        file.Write(number);
    }
}
