namespace Scale.Store.Accounts;

/// <summary>A token of a user, stored as its hash.</summary>
public sealed class AccountTokenRow
{
    public required string TokenHash { get; set; }
    public long AccountId { get; set; }
    public AccountRow Account { get; set; } = null!;
    public DateTime Created { get; set; }
}
