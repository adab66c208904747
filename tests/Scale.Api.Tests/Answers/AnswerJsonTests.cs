using System.Text.Json;
using Scale.Api.Answers;

namespace Scale.Api.Tests.Answers;

public sealed class AnswerJsonTests
{
    [Theory]
    [InlineData(0, "PT0S")]
    [InlineData(0.4, "PT0S")]
    [InlineData(59.6, "PT1M0S")]
    [InlineData(3661, "PT1H1M1S")]
    [InlineData(90061, "P1DT1H1M1S")]
    [InlineData(86400, "P1DT0S")]
    public void Durations(double seconds, string expected) => Assert.Equal(expected, AnswerJson.Duration(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Times_names_and_texts()
    {
        var body = new { SomeTime = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc), WithFraction = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(7), Text = "Ünï <&> 漢", Nothing = (string?)null };
        Assert.Equal(
            """{"some_time":"2030-01-02T03:04:05Z","with_fraction":"2030-01-02T03:04:05.000007Z","text":"Ünï <&> 漢","nothing":null}""",
            JsonSerializer.Serialize(body, AnswerJson.Options));
    }
}
