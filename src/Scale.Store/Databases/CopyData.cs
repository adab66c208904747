using System.Buffers.Binary;
using System.Text;

namespace Scale.Store.Databases;

/// <summary>
/// Rows in the binary format of PostgreSQL's COPY (its documentation, "File Formats" of COPY): the driver's own writer asks for the type of every value again,
/// which costs more than the value. The arrays have the types of the columns, so their widths are those of the format.
/// </summary>
internal sealed class CopyData
{
    private const int Size = 32 << 10;
    private const int Null = -1;

    private static readonly byte[] Signature = [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly Action<int>[] columns;
    private byte[] buffer = new byte[2 * Size];
    private int length;

    public CopyData(IReadOnlyList<Array> columns)
    {
        this.columns = [.. columns.Select(Column)];
        Signature.CopyTo(buffer, 0);
        length = Signature.Length;
    }

    /// <summary>Enough is collected to be sent.</summary>
    public bool IsFull => length >= Size;

    public void Add(int row)
    {
        BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), (short)columns.Length);
        foreach (var column in columns)
        {
            column(row);
        }
    }

    public void End() => BinaryPrimitives.WriteInt16BigEndian(Room(sizeof(short)), -1);

    /// <summary>What was collected; valid until something is added.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var taken = buffer.AsMemory(0, length);
        length = 0;
        return taken;
    }

    private Action<int> Column(Array values) => values switch
    {
        long[] v => row => Put(v[row]),
        long?[] v => PutOrNull(v, Put),
        int[] v => row => Put(v[row]),
        int?[] v => PutOrNull(v, Put),
        short[] v => row => Put(v[row]),
        short?[] v => PutOrNull(v, Put),
        bool[] v => row => Put(v[row]),
        bool?[] v => PutOrNull(v, Put),
        double[] v => row => Put(v[row]),
        double?[] v => PutOrNull(v, Put),
        string?[] v => row => Put(v[row]),
        _ => throw BulkInsert.Unsupported(values),
    };

    private Action<int> PutOrNull<T>(T?[] values, Action<T> put)
        where T : struct => row =>
    {
        if (values[row] is { } known)
        {
            put(known);
        }
        else
        {
            PutNull();
        }
    };

    private void Put(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(sizeof(long)), value);

    private void Put(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(sizeof(int)), value);

    private void Put(short value) => BinaryPrimitives.WriteInt16BigEndian(Field(sizeof(short)), value);

    private void Put(double value) => BinaryPrimitives.WriteDoubleBigEndian(Field(sizeof(double)), value);

    private void Put(bool value) => Field(sizeof(bool))[0] = value ? (byte)1 : (byte)0;

    private void Put(string? text)
    {
        if (text is null)
        {
            PutNull();
        }
        else
        {
            Encoding.UTF8.GetBytes(text, Field(Encoding.UTF8.GetByteCount(text)));
        }
    }

    private void PutNull() => BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), Null);

    /// <summary>Room for a value behind its length.</summary>
    private Span<byte> Field(int size)
    {
        var room = Room(sizeof(int) + size);
        BinaryPrimitives.WriteInt32BigEndian(room, size);
        return room[sizeof(int)..];
    }

    private Span<byte> Room(int size)
    {
        if (length + size > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(2 * buffer.Length, length + size));
        }

        var room = buffer.AsSpan(length, size);
        length += size;
        return room;
    }
}
