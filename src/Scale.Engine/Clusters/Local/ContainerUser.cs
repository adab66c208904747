using System.Globalization;
using System.Runtime.InteropServices;

namespace Scale.Engine.Clusters.Local;

/// <summary>Whom main runs as. What it writes must be readable to the server, and it must not be root.</summary>
/// <param name="UserId">As the container and, without a user namespace of its own, the machine counts.</param>
/// <param name="IsServer">The server's own user, who owns the output folder already.</param>
public sealed partial record ContainerUser(uint UserId, uint GroupId, bool IsServer)
{
    // By convention of every distribution nobody, who owns nothing.
    private const uint Nobody = 65534;

    /// <summary>The user of the options; else the server's own, or nobody when the server is root.</summary>
    /// <exception cref="InvalidOperationException">The option is not of the form UID:GID.</exception>
    public static ContainerUser Of(string? option)
    {
        var (user, group) = (geteuid(), getegid());
        if (option is null)
        {
            return user == 0 ? new ContainerUser(Nobody, Nobody, IsServer: false) : new ContainerUser(user, group, IsServer: true);
        }

        return TryParse(option, out var userId, out var groupId)
            ? new ContainerUser(userId, groupId, IsServer: userId == user)
            : throw new InvalidOperationException($"'{option}' is not of the form UID:GID");
    }

    public static bool TryParse(string text, out uint userId, out uint groupId)
    {
        groupId = 0;
        var colon = text.IndexOf(':');
        return uint.TryParse(colon < 0 ? text : text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out userId)
            && colon >= 0 && uint.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out groupId);
    }

    /// <summary>Lets the user write into a folder of the server. The folders above stay closed to others.</summary>
    public void GiveFolder(string folder)
    {
        // Only root may give a folder away; for anybody else the mode has to do.
        if (!IsServer && chown(folder, UserId, GroupId) != 0)
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{UserId}:{GroupId}");

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial uint getegid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint owner, uint group);
}
