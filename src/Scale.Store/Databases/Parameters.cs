using Npgsql;
using NpgsqlTypes;

namespace Scale.Store.Databases;

/// <summary>Binds a value as each database stores it: moments as microseconds, enums as numbers, arrays as arrays or as JSON.</summary>
internal static class Parameters
{
    public static object ForSqlite(object? value) => value switch
    {
        null => DBNull.Value,
        DateTime moment => Time.ToMicroseconds(moment),
        Enum number => Convert.ToInt64(number),
        Array values and not byte[] => StatementText.Json(values),
        _ => value,
    };

    public static NpgsqlParameter Postgres(string name, object? value) => value switch
    {
        null => new NpgsqlParameter(name, DBNull.Value),
        DateTime moment => new NpgsqlParameter(name, NpgsqlDbType.Bigint) { Value = Time.ToMicroseconds(moment) },
        Enum number => new NpgsqlParameter(name, NpgsqlDbType.Smallint) { Value = Convert.ToInt16(number) },
        Array values => new NpgsqlParameter(name, NpgsqlDbType.Array | ElementType(values)) { Value = values },
        _ => new NpgsqlParameter(name, value),
    };

    private static NpgsqlDbType ElementType(Array values) => values switch
    {
        long[] or long?[] => NpgsqlDbType.Bigint,
        int[] or int?[] => NpgsqlDbType.Integer,
        short[] or short?[] => NpgsqlDbType.Smallint,
        bool[] or bool?[] => NpgsqlDbType.Boolean,
        double[] or double?[] => NpgsqlDbType.Double,
        string?[] => NpgsqlDbType.Text,
        _ => throw new NotSupportedException($"Arrays of {values.GetType().GetElementType()!.Name} can't be bound."),
    };
}
