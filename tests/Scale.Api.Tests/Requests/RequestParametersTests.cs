using System.Text.Json;
using Scale.Api.Answers;
using Scale.Api.Requests;

namespace Scale.Api.Tests.Requests;

public sealed class RequestParametersTests
{
    private static readonly DateTime Now = new(2030, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void The_query_is_looked_up_before_the_body()
    {
        Assert.Equal(3, Read("num=3", """{"num":4}""").RequiredInt("num"));
        Assert.Equal(4, Read("other=3", """{"num":4}""").RequiredInt("num"));
        Assert.Equal("b", Read("x=a&x=b").RequiredText("x"));
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("x=", "{}")]
    [InlineData("x=null", "{}")]
    [InlineData("&=1", "{}")]
    [InlineData("", """{"x":null}""")]
    public void Leftovers_are_absent(string query, string body)
    {
        var request = Read(query, body);
        Assert.False(request.Has("x"));
        Assert.Null(request.OptionalText("x"));
        Assert.Null(request.OptionalBool("x"));
        Assert.Null(request.OptionalInt("x"));
        Assert.Null(request.OptionalTime("x"));
        Assert.Null(request.OptionalObject("x"));
        Assert.Empty(request.Texts("x"));
        Assert.Empty(request.Longs("x"));
        AssertRefused("x", () => request.RequiredText("x"));
        AssertRefused("x", () => request.RequiredLong("x"));
        AssertRefused("x", () => request.RequiredObject("x"));
    }

    [Fact]
    public void An_empty_query_value_gives_way_to_the_body() => Assert.Equal("y", Read("x=", """{"x":"y"}""").RequiredText("x"));

    [Theory]
    [InlineData("true", true)]
    [InlineData(" T ", true)]
    [InlineData("1", true)]
    [InlineData("False", false)]
    [InlineData("f", false)]
    [InlineData("0", false)]
    public void Booleans_are_words_in_any_case(string text, bool value)
    {
        Assert.Equal(value, Read("x=" + text).RequiredBool("x"));
        Assert.Equal(value, Read("", $$"""{"x":"{{text}}"}""").RequiredBool("x"));
        Assert.Equal(value, Read("", value ? """{"x":true}""" : """{"x":false}""").RequiredBool("x"));
    }

    [Theory]
    [InlineData("""{"x":"maybe"}""")]
    [InlineData("""{"x":""}""")]
    [InlineData("""{"x":1}""")]
    [InlineData("""{"x":[]}""")]
    public void Other_values_are_no_booleans(string body) => AssertRefused("x", () => Read("", body).RequiredBool("x"));

    [Theory]
    [InlineData("""{"x":"5"}""", 5)]
    [InlineData("""{"x":-5}""", -5)]
    public void Integers_are_text_or_numbers(string body, int value) => Assert.Equal(value, Read("", body).RequiredInt("x"));

    [Theory]
    [InlineData("""{"x":"five"}""")]
    [InlineData("""{"x":""}""")]
    [InlineData("""{"x":1.5}""")]
    [InlineData("""{"x":true}""")]
    [InlineData("""{"x":3000000000}""")]
    [InlineData("""{"x":99999999999999999999999}""")]
    [InlineData("""{"x":{}}""")]
    public void Other_values_are_no_integers(string body) => AssertRefused("x", () => Read("", body).RequiredInt("x"));

    [Fact]
    public void Lists_are_repeated_keys_arrays_or_scalars_but_never_commas()
    {
        Assert.Equal(["a", "b"], Read("x=a&x=b").Texts("x"));
        Assert.Equal(["a,b"], Read("x=a,b").Texts("x"));
        Assert.Equal(["a", "b"], Read("", """{"x":["a","b"]}""").Texts("x"));
        Assert.Equal(["a"], Read("", """{"x":"a"}""").Texts("x"));
        Assert.Equal([1L, 2L], Read("", """{"x":[1,"2"]}""").Longs("x"));
        AssertRefused("x", () => Read("x=1&x=two").Longs("x"));
        AssertRefused("x", () => Read("", """{"x":[1]}""").Texts("x"));
    }

    [Fact]
    public void Objects_come_in_the_body_only()
    {
        Assert.Equal(JsonValueKind.Object, Read("", """{"x":{}}""").RequiredObject("x").ValueKind);
        AssertRefused("x", () => Read("", """{"x":[]}""").RequiredObject("x"));
        AssertRefused("x", () => Read("x={}").RequiredObject("x"));
        AssertRefused("x", () => Read("", """{"x":{}}""").OptionalArray("x"));
        AssertRefused("x", () => Read("", """{"x":{}}""").OptionalText("x"));
    }

    [Fact]
    public void Choices_skip_the_empty_text()
    {
        Assert.Equal("a", Read("x=a").OptionalChoice("x", "a", "b"));
        Assert.Equal("", Read("", """{"x":""}""").OptionalChoice("x", "a", "b"));
        AssertRefused("x", () => Read("x=c").OptionalChoice("x", "a", "b"));
    }

    [Theory]
    [InlineData("2030-01-31T10:00:00Z", "2030-01-31T10:00:00Z")]
    [InlineData("2030-01-31 10:00Z", "2030-01-31T10:00:00Z")]
    [InlineData("2030-01-31T10:00:00.123Z", "2030-01-31T10:00:00.123000Z")]
    [InlineData("2030-01-31T10:00:00.123456+02:30", "2030-01-31T07:30:00.123456Z")]
    [InlineData("2030-01-31T10:00:00-05:00", "2030-01-31T15:00:00Z")]
    [InlineData("PT3H", "2030-01-31T09:00:00Z")]
    [InlineData("P1DT0.5S", "2030-01-30T11:59:59.500000Z")]
    public void Times_have_a_zone_or_are_durations_back_from_now(string text, string expected)
    {
        var request = Read("x=" + Uri.EscapeDataString(text));
        Assert.Equal(expected, AnswerJson.Time(request.OptionalTime("x")!.Value));
    }

    [Theory]
    [InlineData("2030-01-31T10:00:00")]
    [InlineData("2030-01-31")]
    [InlineData("2030-02-30T10:00:00Z")]
    [InlineData("2030-01-31T10:00:00 02:00")]
    [InlineData("0001-01-01T00:00:00+10:00")]
    [InlineData("P1M")]
    [InlineData("P1W")]
    [InlineData("-PT1H")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1DT")]
    [InlineData("P999999999D")]
    [InlineData("yesterday")]
    public void Other_texts_are_no_times(string text) => AssertRefused("x", () => Read("x=" + Uri.EscapeDataString(text)).OptionalTime("x"));

    [Fact]
    public void A_range_runs_forward()
    {
        Assert.Equal(new TimeRange(Now.AddHours(-2), null), Read("started=PT2H&ended=").Range());
        Assert.Equal(new TimeRange(null, Now.AddHours(-2)), Read("ended=PT2H").Range());
        AssertRefused("started", () => Read("started=PT1H&ended=PT1H").Range());
        AssertRefused("started", () => Read("started=PT1H&ended=PT2H").Range());
    }

    [Fact]
    public void Unknown_body_fields_can_be_forbidden() => AssertRefused("b, c", () => Read("z=1", """{"a":1,"b":2,"c":3}""").AllowOnly("a"));

    [Fact]
    public void Null_can_be_told_from_absence()
    {
        Assert.True(Read("", """{"x":null}""").IsNull("x"));
        Assert.False(Read("", "{}").IsNull("x"));
    }

    [Fact]
    public void Texts_that_no_database_holds_are_refused() => AssertRefused("U+0000", () => Read("x=a%00b"));

    internal static RequestParameters Read(string query, string body = "{}", string path = "/v6/things/")
    {
        var pairs = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query).Select(p => KeyValuePair.Create(p.Key, p.Value.Select(v => v ?? "").ToArray()));
        var links = new RequestLinks("https://host/api", "v6", path, query.Length > 0 ? "?" + query : "");
        return new RequestParameters(pairs, JsonSerializer.Deserialize<JsonElement>(body), Now, links);
    }

    private static void AssertRefused(string name, Func<object?> read)
    {
        var problem = Assert.Throws<ApiProblem>(read);
        Assert.Equal(400, problem.Status);
        Assert.Contains(name, problem.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string name, Action read) => AssertRefused(name, () =>
    {
        read();
        return null;
    });
}
