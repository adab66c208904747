using System.Text;
using Scale.Engine.JobTypes;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.JobTypes;

/// <summary>Secrets at rest (job-types-and-seed.md §6).</summary>
public sealed class SecretVaultTests : IDisposable
{
    private const string Value = "correct-horse-battery";

    private readonly string folder = Directory.CreateTempSubdirectory("scale-vault-").FullName;

    private string KeyFile => Path.Combine(folder, "secrets.key");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_value_comes_back_only_under_its_owner_and_name()
    {
        var vault = SecretVault.Open(KeyFile);
        var encrypted = vault.Encrypt("job_type/1", "PASSWORD", Value);
        Assert.DoesNotContain(Value, encrypted, StringComparison.Ordinal);
        Assert.Equal(Value, vault.Decrypt("job_type/1", "PASSWORD", encrypted));
        Assert.Null(vault.Decrypt("job_type/2", "PASSWORD", encrypted));
        Assert.Null(vault.Decrypt("job_type/1", "OTHER", encrypted));
        Assert.Null(vault.Decrypt("job_type/1", "PASSWORD", Value));
        Assert.Equal(Value, SecretVault.Open(KeyFile).Decrypt("job_type/1", "PASSWORD", encrypted));
    }

    [Fact]
    public void The_key_file_is_readable_by_its_owner_alone()
    {
        SecretVault.Open(KeyFile);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        SecretVault.Open(KeyFile);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
    }

    [Fact]
    public async Task A_key_file_that_cant_be_used_refuses_new_secrets_and_says_so()
    {
        File.WriteAllText(KeyFile, "no keys");
        var vault = SecretVault.Open(KeyFile);
        Assert.Contains(KeyFile, Assert.Throws<SecretVaultException>(() => vault.Encrypt("job_type/1", "A", "b")).Message, StringComparison.Ordinal);
        await using var test = await TestDatabase.Create(Provider.Sqlite);
        await using var session = await test.Database.Read(TestContext.Current.CancellationToken);
        Assert.Equal("Secrets Improperly Configured", (await vault.Status(session)).Status);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Secrets_whose_key_is_gone_show_in_the_status(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var former = SecretVault.Open(KeyFile);
        await using (var session = await test.Database.Write(TestContext.Current.CancellationToken))
        {
            Assert.Equal(("Ok", false), (await former.Status(session)) is var fine ? (fine.Status, fine.Sealed) : default);
            await SecretStore.Save(session, [new StoredSecret("job_type/1", "A", former.Encrypt("job_type/1", "A", Value))], DateTime.UnixEpoch);
            await session.Commit();
        }

        await using var reader = await test.Database.Read(TestContext.Current.CancellationToken);
        Assert.Equal("Ok", (await former.Status(reader)).Status);
        Assert.Equal("Secrets Improperly Configured", (await SecretVault.Open(KeyFile + ".other").Status(reader)).Status);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Plain_values_of_before_are_encrypted_and_nothing_of_them_stays_in_the_file(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write(TestContext.Current.CancellationToken))
        {
            for (var i = 0; i < 50; i++)
            {
                await session.Execute(
                    "INSERT INTO secret (owner, name, value, last_modified) VALUES (@owner, @name, @value, 0)",
                    ("owner", "job_type/" + i), ("name", "PASSWORD"), ("value", Value + new string('x', 200 * i)));
            }

            await session.Commit();
        }

        var vault = SecretVault.Open(KeyFile);
        await using (var session = await test.Database.Write(TestContext.Current.CancellationToken))
        {
            Assert.Equal(50, await vault.EncryptPlain(session, DateTime.UnixEpoch));
            Assert.Equal(0, await vault.EncryptPlain(session, DateTime.UnixEpoch));
            await session.Commit();
        }

        test.Database.ForgetReplaced(everywhere: true);
        await using (var session = await test.Database.Read(TestContext.Current.CancellationToken))
        {
            var secrets = await SecretStore.Of(session, ["job_type/7"]);
            Assert.Equal(Value + new string('x', 1400), vault.Decrypt("job_type/7", "PASSWORD", secrets.Single().Value));
            Assert.Empty(await session.Query("SELECT 1 FROM secret WHERE value LIKE '%battery%'", r => r.GetInt32(0)));
        }

        if (provider == Provider.Sqlite)
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(test.Connection)!))
            {
                Assert.Equal(-1, (await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Value)));
            }
        }
    }
}
