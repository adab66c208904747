using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Engine.JobTypes;

/// <summary>The vault as the system status shows it (job-types-and-seed.md §6).</summary>
public sealed record VaultStatus(string Status, bool Sealed, string Message);

/// <summary>Secrets can't be encrypted; nothing is stored then. The message says why.</summary>
public sealed class SecretVaultException(string message) : Exception(message);

/// <summary>
/// Encrypts secrets before they are stored and decrypts them for an execution. The keys are in one file outside the database, so neither a copy of the database
/// nor its logs hold a secret. A value is bound to its owner and name: in another row it can't be read.
/// </summary>
public sealed class SecretVault
{
    private const string Purpose = "Scale.Secrets.v1";

    private readonly IDataProtectionProvider? keys;
    private readonly string place;
    private readonly string? problem;

    private SecretVault(IDataProtectionProvider? keys, string place, string? problem)
    {
        this.keys = keys;
        this.place = place;
        this.problem = problem;
    }

    /// <summary>Keys from a file, made when absent, readable by its owner alone. A file that can't be used shows in the status and refuses new secrets.</summary>
    public static SecretVault Open(string keyFile)
    {
        try
        {
            var file = new SecretKeyFile(keyFile);
            file.GetAllElements();
            var services = new ServiceCollection();
            services.AddDataProtection().SetApplicationName("Scale");
            services.Configure<KeyManagementOptions>(options => options.XmlRepository = file);
            var keys = services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>();
            keys.CreateProtector(Purpose).Protect("");
            return new SecretVault(keys, keyFile, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Xml.XmlException or CryptographicException or InvalidOperationException)
        {
            return new SecretVault(null, keyFile, $"The key file {keyFile} can't be used: {e.Message}");
        }
    }

    /// <summary>Keys that end with the process, for engines without a data folder.</summary>
    public static SecretVault InMemory() => new(new EphemeralDataProtectionProvider(), "memory", null);

    /// <exception cref="SecretVaultException">There are no keys.</exception>
    public string Encrypt(string owner, string name, string value) =>
        keys is null ? throw new SecretVaultException(problem!) : Protector(keys, owner, name).Protect(value);

    /// <summary>The value; null when it was encrypted with a key that is not there.</summary>
    public string? Decrypt(string owner, string name, string encrypted)
    {
        try
        {
            return keys is null ? null : Protector(keys, owner, name).Unprotect(encrypted);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Encrypts what was stored plain before secrets were encrypted.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EncryptPlain(Session session, DateTime now)
    {
        var plain = keys is null ? [] : await SecretStore.Plain(session);
        if (plain.Count > 0)
        {
            await SecretStore.OverwriteWhatIsReplaced(session);
            await SecretStore.Save(session, [.. plain.Select(s => s with { Value = Encrypt(s.Owner, s.Name, s.Value) })], now);
        }

        return plain.Count;
    }

    public async Task<VaultStatus> Status(Session session)
    {
        if (keys is null)
        {
            return new VaultStatus("Secrets Improperly Configured", false, problem!);
        }

        return await SecretStore.Latest(session) is { } latest && Decrypt(latest.Owner, latest.Name, latest.Value) is null
            ? new VaultStatus("Secrets Improperly Configured", false, $"Stored secrets were encrypted with keys that {place} does not hold; put the former key file back or enter the secrets again.")
            : new VaultStatus("Ok", false, "Secrets are encrypted in the database.");
    }

    private static IDataProtector Protector(IDataProtectionProvider keys, string owner, string name) => keys.CreateProtector(Purpose, owner, name);
}
