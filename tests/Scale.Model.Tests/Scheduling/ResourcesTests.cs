using Scale.Model.Scheduling;

namespace Scale.Model.Tests.Scheduling;

public class ResourcesTests
{
    [Fact]
    public void Amounts_are_added_and_taken_name_by_name()
    {
        var left = new Resources([new("cpus", 1.5), new("mem", 100)]);
        var right = new Resources([new("cpus", 0.5), new("fpga", 2)]);
        Assert.Equal("""{"cpus":2,"fpga":2,"mem":100}""", (left + right).ToText());
        Assert.Equal("""{"cpus":1,"fpga":-2,"mem":100}""", (left - right).ToText());
        Assert.Equal(Resources.None, left - left);
    }

    [Fact]
    public void What_is_absent_is_zero_and_zero_is_absent()
    {
        Assert.Equal(0, Resources.None["gpus"]);
        Assert.Equal(Resources.None, Resources.Of(0, 0, 0));
        Assert.Equal("{}", new Resources([new("gpus", 0)]).ToText());
    }

    [Theory]
    [InlineData("""{"cpus":1}""", """{"cpus":1}""", true)]
    [InlineData("""{"cpus":1}""", """{"cpus":1.01}""", false)]
    [InlineData("""{"cpus":1}""", "{}", true)]
    [InlineData("{}", """{"fpga":1}""", false)]
    [InlineData("""{"cpus":0.3}""", """{"cpus":0.30000000000000004}""", true)]
    [InlineData("""{"cpus":4,"mem":1}""", """{"cpus":1,"mem":2}""", false)]
    public void Resources_cover_a_need_in_every_name(string offered, string needed, bool covers) =>
        Assert.Equal(covers, Resources.FromText(offered).Covers(Resources.FromText(needed)));

    [Fact]
    public void Equal_amounts_have_one_text_whatever_their_order()
    {
        var one = new Resources([new("mem", 128), new("cpus", 1)]);
        var other = Resources.FromText("""{"cpus":1.0,"disk":0,"mem":128}""");
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal("""{"cpus":1,"mem":128}""", other.ToText());
        Assert.Equal(one, Resources.FromText(one.ToText()));
        Assert.NotEqual(one, Resources.Of(1, 128, 1));
    }
}
