namespace Scale.Engine.Clusters.Local;

/// <summary>
/// How the variables of main get into its container without being seen in a process list. They go by a file that only the server may read and that is gone
/// before the engine starts. A file has one line per variable, so what fits into no line goes through the engine's own environment.
/// </summary>
/// <param name="FileText">Content of the file.</param>
/// <param name="PassedThrough">Variables of the engine's process that are named on its command line.</param>
public sealed record ContainerEnvironment(string FileText, IReadOnlyDictionary<string, string> PassedThrough)
{
    // The engines read lines of at most 64 KiB.
    private const int MostLine = 32 * 1024;

    private static readonly string[] SteeringPrefixes =
        ["LD_", "LC_", "GLIBC_", "GCONV_", "MALLOC_", "XDG_", "SSL_", "PODMAN", "BUILDAH", "NOTIFY_", "LISTEN_", "DBUS_", "OCI_", "CNI_", "NETAVARK", "SYSTEMD_", "_"];

    private static readonly HashSet<string> SteeringNames = new(StringComparer.Ordinal)
    {
        "LANG", "LANGUAGE", "TZ", "TZDIR", "HOSTALIASES", "RES_OPTIONS", "LOCALDOMAIN", "LOCPATH", "NLSPATH", "IFS", "ENV", "PWD", "OLDPWD", "SHELL", "LOGNAME",
        "GODEBUG", "GOGC", "GOMAXPROCS", "GOMEMLIMIT", "GOTRACEBACK", "GOCOVERDIR", "GORACE", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY",
    };

    /// <summary>Divides the variables.</summary>
    /// <exception cref="ContainerException">A value fits into no line, and its name means something to the engine or to the system's loader in it.</exception>
    public static ContainerEnvironment Of(IReadOnlyDictionary<string, string> variables)
    {
        var file = new System.Text.StringBuilder();
        var passed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            if (value.Length < MostLine && !value.AsSpan().ContainsAny('\n', '\r'))
            {
                file.Append(name).Append('=').Append(value).Append('\n');
            }
            else if (IsSteering(name))
            {
                throw new ContainerException($"the value of {name} has several lines or more than {MostLine} characters, which a container can't be given under this name; rename the input or setting");
            }
            else
            {
                passed[name] = value;
            }
        }

        return new ContainerEnvironment(file.ToString(), passed);
    }

    private static bool IsSteering(string name) =>
        ContainerEngine.IsOwnVariable(name) || SteeringNames.Contains(name) || SteeringPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}

/// <summary>A container that can't be made as it is wanted; says why.</summary>
public sealed class ContainerException(string message) : Exception(message);
