using Scale.Model.JobTypes;

namespace Scale.Model.Tests.JobTypes;

public class SemanticVersionTests
{
    [Theory]
    [InlineData("0.0.0", true)]
    [InlineData("1.10.100", true)]
    [InlineData("1.0.0-alpha.1", true)]
    [InlineData("1.0.0--", true)]
    [InlineData("1.0.0-0a.-", true)]
    [InlineData("1.0.0+build.007", true)]
    [InlineData("1.0.0-rc.1+build", true)]
    [InlineData("99999999999999999999.0.0", true)]
    [InlineData("", false)]
    [InlineData("1", false)]
    [InlineData("1.0", false)]
    [InlineData("v1.0.0", false)]
    [InlineData("01.0.0", false)]
    [InlineData("1.0.0-", false)]
    [InlineData("1.0.0-01", false)]
    [InlineData("1.0.0-a..b", false)]
    [InlineData("1.0.0+", false)]
    [InlineData("1.0.0+a_b", false)]
    [InlineData("1.0.0\n", false)]
    [InlineData(" 1.0.0", false)]
    [InlineData("١.0.0", false)]
    public void Versions_follow_the_grammar_of_semver_2(string text, bool isValid) => Assert.Equal(isValid, SemanticVersion.IsValid(text));

    [Fact]
    public void Versions_are_ordered_by_precedence()
    {
        string[] ordered =
        [
            "0.0.0", "0.9.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "9.0.0", "10.0.0", "99999999999999999999.0.0", "100000000000000000000.0.0",
        ];
        Assert.Equal(ordered, ordered.Reverse().Order(SemanticVersion.TextOrder));
        for (var i = 1; i < ordered.Length; i++)
        {
            Assert.True(SemanticVersion.ParseOrZero(ordered[i - 1]).CompareTo(SemanticVersion.ParseOrZero(ordered[i])) < 0, ordered[i]);
        }
    }

    [Fact]
    public void Build_metadata_does_not_order_but_the_order_of_texts_is_total()
    {
        Assert.Equal(0, SemanticVersion.ParseOrZero("1.0.0+a").CompareTo(SemanticVersion.ParseOrZero("1.0.0+b")));
        Assert.True(SemanticVersion.TextOrder.Compare("1.0.0+a", "1.0.0+b") < 0);
        Assert.Equal(0, SemanticVersion.TextOrder.Compare("1.0.0+a", "1.0.0+a"));
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("1.0")]
    public void A_stored_version_of_another_kind_is_the_lowest(string text)
    {
        Assert.Equal(0, SemanticVersion.ParseOrZero(text).CompareTo(SemanticVersion.Zero));
        Assert.True(SemanticVersion.ParseOrZero(text).CompareTo(SemanticVersion.ParseOrZero("0.0.1")) < 0);
        Assert.True(SemanticVersion.Zero.CompareTo(null) > 0);
    }
}
