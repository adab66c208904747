using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Scale.Store.Databases;

namespace Scale.Store.Access;

/// <summary>A person or program that may call (scheduler-and-system.md §2).</summary>
public sealed record Account(long Id, string Username, string Email, string FirstName, string LastName, bool IsStaff, bool IsActive);

/// <summary>Accounts and their tokens. Of tokens only hashes are stored; an account's token is derived from a key of this instance, so it stays the same.</summary>
public static class AccountStore
{
    private const string Columns = "a.id, a.username, a.email, a.first_name, a.last_name, a.is_staff, a.is_active";
    private const string TokenKeyName = "token_key";

    /// <param name="token">40 hexadecimal digits.</param>
    /// <returns>Null when no account has that token.</returns>
    public static Task<Account?> FindByToken(Session session, string token) =>
        session.QueryFirst($"SELECT {Columns} FROM account_token t JOIN account a ON a.id = t.account_id WHERE t.token_hash = @hash", Read, ("hash", Hash(token)));

    public static Task<Account?> FindByName(Session session, string username) =>
        session.QueryFirst($"SELECT {Columns} FROM account a WHERE a.username = @username", Read, ("username", username));

    /// <returns>The account when it is active and the password is its own, else null.</returns>
    public static async Task<Account?> FindByPassword(Session session, string username, string password)
    {
        var stored = await session.QueryFirst("SELECT password_hash FROM account WHERE username = @username", r => r.GetString(0), ("username", username));
        // An unknown name costs the same time as a wrong password.
        var isRight = Passwords.Verify(password, stored ?? Passwords.Unusable);
        var account = isRight ? await FindByName(session, username) : null;
        return account is { IsActive: true } ? account : null;
    }

    /// <summary>The token of an account: the same each time. Writes its hash when it is new.</summary>
    public static async Task<string> Token(Session session, long accountId, DateTime now)
    {
        var fresh = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await session.Execute("INSERT INTO instance (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING", ("name", TokenKeyName), ("value", fresh));
        var key = await session.QueryFirst("SELECT value FROM instance WHERE name = @name", r => r.GetString(0), ("name", TokenKeyName));
        var token = Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(key!), Encoding.UTF8.GetBytes($"account:{accountId.ToString(CultureInfo.InvariantCulture)}")))[..40];
        await session.Execute(
            "INSERT INTO account_token (token_hash, account_id, created) VALUES (@hash, @account, @now) ON CONFLICT (token_hash) DO NOTHING",
            ("hash", Hash(token)), ("account", accountId), ("now", now));
        return token;
    }

    /// <param name="password">Null makes an account that only its token opens.</param>
    /// <returns>The id, also of an account that was there already and is left as it is.</returns>
    public static async Task<long> Create(Session session, string username, string? password, string firstName, string lastName, bool isStaff, DateTime now)
    {
        await session.Execute(
            """
            INSERT INTO account (username, password_hash, first_name, last_name, is_staff, is_active, created)
            VALUES (@username, @hash, @first, @last, @staff, @active, @now) ON CONFLICT (username) DO NOTHING
            """,
            ("username", username), ("hash", password is null ? Passwords.Unusable : Passwords.Hash(password)),
            ("first", firstName), ("last", lastName), ("staff", isStaff), ("active", true), ("now", now));
        return (await FindByName(session, username))!.Id;
    }

    public static Task SetPassword(Session session, long accountId, string password) =>
        session.Execute("UPDATE account SET password_hash = @hash WHERE id = @id", ("hash", Passwords.Hash(password)), ("id", accountId));

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private static Account Read(DbDataReader r) =>
        new(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetBoolean(5), r.GetBoolean(6));
}
