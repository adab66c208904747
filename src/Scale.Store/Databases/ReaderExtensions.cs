using System.Data.Common;

namespace Scale.Store.Databases;

/// <summary>Reads of nullable columns and stored times.</summary>
public static class ReaderExtensions
{
    public static long? Long(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static int? Int(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    public static double? Double(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTime Moment(this DbDataReader reader, int column) => Time.FromMicroseconds(reader.GetInt64(column));

    public static DateTime? MomentOrNull(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Moment(column);
}
