using System.Globalization;
using System.Text.RegularExpressions;

namespace Scale.Api.Requests;

/// <summary>Times and durations as parameters spell them (scheduler-and-system.md §1.5).</summary>
public static partial class TimeText
{
    /// <summary>ISO-8601 date-time with a zone; null when the text is anything else.</summary>
    public static DateTime? ParseTime(string text)
    {
        var match = DateTimePattern().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var fraction = match.Groups["fraction"].Value.PadRight(6, '0');
        var plain = $"{match.Groups["date"].Value}T{match.Groups["minutes"].Value}:{(match.Groups["seconds"].Success ? match.Groups["seconds"].Value : "00")}.{fraction}";
        if (!DateTime.TryParseExact(plain, "yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return null;
        }

        var offset = Offset(match);
        var ticks = local.Ticks - offset.Ticks;
        var isPossible = offset.Duration() < TimeSpan.FromHours(24) && ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;
        return isPossible ? new DateTime(ticks, DateTimeKind.Utc) : null;
    }

    /// <summary><c>P[nD][T[nH][nM][nS]]</c>, fractions allowed, no years, months, weeks or signs; null when the text is anything else.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        var match = DurationPattern().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var seconds = 86400 * Number(match, "days") + 3600 * Number(match, "hours") + 60 * Number(match, "minutes") + Number(match, "seconds");
        return seconds <= TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>A time, or a duration that means now minus it; null when the text is neither.</summary>
    public static DateTime? ParseMoment(string text, DateTime now)
    {
        if (ParseDuration(text) is not { } ago)
        {
            return ParseTime(text);
        }

        return ago <= now - DateTime.MinValue ? now - ago : null;
    }

    private static TimeSpan Offset(Match match)
    {
        if (!match.Groups["sign"].Success)
        {
            return TimeSpan.Zero;
        }

        var minutes = match.Groups["offsetMinutes"].Success ? int.Parse(match.Groups["offsetMinutes"].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var size = new TimeSpan(int.Parse(match.Groups["offsetHours"].ValueSpan, CultureInfo.InvariantCulture), minutes, 0);
        return match.Groups["sign"].ValueSpan is "-" ? -size : size;
    }

    private static double Number(Match match, string group) =>
        match.Groups[group].Success ? double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<minutes>[0-9]{2}:[0-9]{2})(:(?<seconds>[0-9]{2})(\.(?<fraction>[0-9]{1,6}))?)?(Z|(?<sign>[+-])(?<offsetHours>[0-9]{2})(:?(?<offsetMinutes>[0-5][0-9]))?)\z")]
    private static partial Regex DateTimePattern();

    [GeneratedRegex(@"^P(?=.)((?<days>[0-9]{1,12}(\.[0-9]{1,12})?)D)?(T(?=.)((?<hours>[0-9]{1,12}(\.[0-9]{1,12})?)H)?((?<minutes>[0-9]{1,12}(\.[0-9]{1,12})?)M)?((?<seconds>[0-9]{1,12}(\.[0-9]{1,12})?)S)?)?\z")]
    private static partial Regex DurationPattern();
}
