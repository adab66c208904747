using System.Globalization;
using System.Security.Cryptography;

namespace Scale.Store.Access;

/// <summary>Stored passwords: <c>pbkdf2-sha256$iterations$salt$hash</c>, salt and hash in hexadecimal.</summary>
public static class Passwords
{
    private const int Iterations = 210_000;
    private const int Bytes = 32;

    /// <summary>A stored form that no password fits.</summary>
    public static readonly string Unusable = $"pbkdf2-sha256${Iterations.ToString(CultureInfo.InvariantCulture)}${new string('0', 2 * Bytes)}$";

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(Bytes);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, salt, Iterations, HashAlgorithmName.SHA256, Bytes);
        return $"pbkdf2-sha256${Iterations.ToString(CultureInfo.InvariantCulture)}${Convert.ToHexStringLower(salt)}${Convert.ToHexStringLower(hash)}";
    }

    public static bool Verify(string password, string stored)
    {
        var parts = stored.Split('$');
        var expected = Convert.FromHexString(parts[3]);
        var hash = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromHexString(parts[2]), int.Parse(parts[1], CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, Bytes);
        return CryptographicOperations.FixedTimeEquals(hash, expected);
    }
}
