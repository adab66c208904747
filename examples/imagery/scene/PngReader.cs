using System.Buffers.Binary;
using System.IO.Compression;

namespace Scale.Examples.Imagery;

/// <summary>
/// Reads PNG files (ISO/IEC 15948): grey, grey with alpha, RGB and RGBA of 8 or 16 bits, not interlaced. Every chunk's CRC is checked.
/// Grey with alpha is simply two bands here; nothing is multiplied.
/// </summary>
internal static class PngReader
{
    private const int LargestSide = 1 << 15;
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <exception cref="SceneException">The file is not a PNG, damaged, or of a kind that isn't read here.</exception>
    public static Raster Read(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message);
        }

        if (!file.AsSpan().StartsWith(Signature))
        {
            throw Unreadable(path, "it does not begin like a PNG file");
        }

        try
        {
            return Decode(path, file);
        }
        catch (InvalidDataException e)
        {
            throw Unreadable(path, $"its pixels can't be unpacked ({e.Message})");
        }
    }

    private static Raster Decode(string path, byte[] file)
    {
        ReadOnlySpan<byte> header = default;
        var packed = new MemoryStream(file.Length);
        for (var at = Signature.Length; ;)
        {
            if (at + 12 > file.Length)
            {
                throw Unreadable(path, "it is cut off");
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                throw Unreadable(path, "it is cut off");
            }

            var typed = file.AsSpan(at + 4, 4 + (int)length);
            if (Crc32.Of(typed) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + (int)length)))
            {
                throw Unreadable(path, $"the check sum at byte {at} is wrong");
            }

            var content = typed[4..];
            if (typed.StartsWith("IHDR"u8))
            {
                header = content;
            }
            else if (typed.StartsWith("IDAT"u8))
            {
                packed.Write(content);
            }
            else if (typed.StartsWith("IEND"u8))
            {
                break;
            }

            at += 12 + (int)length;
        }

        return Unpack(path, header, packed);
    }

    private static Raster Unpack(string path, ReadOnlySpan<byte> header, MemoryStream packed)
    {
        if (header.Length != 13)
        {
            throw Unreadable(path, "it has no header");
        }

        var width = BinaryPrimitives.ReadInt32BigEndian(header);
        var height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        int depth = header[8];
        var bands = header[9] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width is < 1 or > LargestSide || height is < 1 or > LargestSide || (long)width * height > 1 << 27)
        {
            throw Unreadable(path, $"its size of {width} x {height} is out of range");
        }

        if (bands == 0 || depth is not (8 or 16) || header[12] != 0)
        {
            throw new SceneException(SceneException.NotAScene, $"{path}: colour type {header[9]} of {depth} bits, interlace {header[12]}, is not read; grey, grey with alpha, RGB or RGBA of 8 or 16 bits are");
        }

        var pixelBytes = bands * depth / 8;
        var rowBytes = width * pixelBytes;
        var rows = new byte[(rowBytes + 1) * (long)height];
        packed.Position = 0;
        using (var zlib = new ZLibStream(packed, CompressionMode.Decompress))
        {
            if (zlib.ReadAtLeast(rows, rows.Length, throwOnEndOfStream: false) < rows.Length)
            {
                throw Unreadable(path, "pixels are missing");
            }
        }

        var samples = new ushort[width * height * bands];
        for (var y = 0; y < height; y++)
        {
            var above = y == 0 ? default : rows.AsSpan((y - 1) * (rowBytes + 1) + 1, rowBytes);
            var row = rows.AsSpan(y * (rowBytes + 1) + 1, rowBytes);
            Unfilter(path, rows[y * (rowBytes + 1)], row, above, pixelBytes);
            var target = samples.AsSpan(y * width * bands, width * bands);
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = depth == 8 ? row[i] : BinaryPrimitives.ReadUInt16BigEndian(row[(2 * i)..]);
            }
        }

        return new Raster(width, height, bands, depth, samples);
    }

    private static void Unfilter(string path, byte filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        if (filter > 4)
        {
            throw Unreadable(path, $"row filter {filter} does not exist");
        }

        for (var i = 0; i < row.Length && filter > 0; i++)
        {
            int left = i < step ? 0 : row[i - step];
            int up = above.IsEmpty ? 0 : above[i];
            var guess = filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => Paeth(left, up, i < step || above.IsEmpty ? 0 : above[i - step]),
            };
            row[i] = (byte)(row[i] + guess);
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        int byLeft = Math.Abs(guess - left), byUp = Math.Abs(guess - up), byCorner = Math.Abs(guess - corner);
        return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
    }

    private static SceneException Unreadable(string path, string why) => new(SceneException.Unreadable, $"{path} can't be read: {why}");
}
