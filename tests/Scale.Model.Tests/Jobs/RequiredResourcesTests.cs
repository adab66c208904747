using Scale.Model.Jobs;
using Scale.Model.Scheduling;
using Scale.Model.Tests.JobTypes;

namespace Scale.Model.Tests.Jobs;

public class RequiredResourcesTests
{
    [Theory]
    [InlineData("[]", 0, """{"cpus":0.25,"mem":128}""")]
    [InlineData("[]", 10, """{"cpus":0.25,"disk":10,"mem":128}""")]
    [InlineData("""[{"name":"mem","value":64}]""", 10, """{"cpus":0.25,"disk":10,"mem":128}""")]
    [InlineData("""[{"name":"disk","value":1000,"inputMultiplier":4}]""", 10, """{"cpus":0.25,"disk":1040,"mem":128}""")]
    [InlineData("""[{"name":"disk","value":5}]""", 10, """{"cpus":0.25,"disk":10,"mem":128}""")]
    [InlineData("""[{"name":"CPUS","value":2}]""", 0, """{"cpus":2,"mem":128}""")]
    [InlineData("""[{"name":"cpus","value":0.5,"inputMultiplier":0.1}]""", 10, """{"cpus":2,"mem":128}""")]
    [InlineData("""[{"name":"cpus","value":1.5,"inputMultiplier":0}]""", 0, """{"cpus":2,"mem":128}""")]
    [InlineData("""[{"name":"mem","value":200,"inputMultiplier":-1}]""", 10, """{"cpus":0.25,"disk":10,"mem":200}""")]
    [InlineData("""[{"name":"gpus","value":2.0}]""", 0, """{"cpus":0.25,"gpus":2,"mem":128}""")]
    [InlineData("""[{"name":"fpga","value":3}]""", 0, """{"cpus":0.25,"fpga":3,"mem":128}""")]
    [InlineData("""[{"name":"sharedMem","value":512,"inputMultiplier":2}]""", 0, """{"cpus":0.25,"mem":128}""")]
    [InlineData("""[{"name":"cpus","value":-1},{"name":"fpga","value":-1}]""", 0, """{"cpus":0.25,"mem":128}""")]
    public void A_job_needs_what_the_manifest_says_and_at_least_the_minimums(string scalars, double inputMiB, string needed)
    {
        var resources = RequiredResources.Compute(SeedJson.WithResources(scalars), inputMiB);
        var wanted = Resources.FromText(needed);
        // Every input takes its room on disk, also where a row of this table is about something else.
        Assert.Equal(wanted["disk"] == 0 && inputMiB > 0 ? wanted + Resources.Of(0, 0, inputMiB) : wanted, resources);
    }

    [Fact]
    public void Main_is_told_its_disk_without_the_inputs_and_the_node_keeps_room_for_both()
    {
        var manifest = SeedJson.WithResources("""[{"name":"disk","value":5,"inputMultiplier":1.5},{"name":"sharedmem","value":9}]""");
        Assert.Equal(Resources.Of(0.25, 128, 20), RequiredResources.OfMain(manifest, 10));
        Assert.Equal(Resources.Of(0.25, 128, 20), RequiredResources.Compute(manifest, 10));
        Assert.Equal(Resources.Of(0.25, 128, 30), RequiredResources.Reserved(manifest, 10));
        Assert.Equal(Resources.Of(0.25, 128, 10), RequiredResources.Reserved(SeedJson.Read(), 10));
    }

    [Theory]
    [InlineData("[]", 10, 0)]
    [InlineData("""[{"name":"sharedMem","value":64.2}]""", 10, 65)]
    [InlineData("""[{"name":"sharedmem","value":1,"inputMultiplier":2}]""", 10, 21)]
    [InlineData("""[{"name":"sharedmem","value":-1}]""", 10, 0)]
    public void Shared_memory_is_in_whole_mebibytes(string scalars, double inputMiB, double shared) =>
        Assert.Equal(shared, RequiredResources.SharedMemory(SeedJson.WithResources(scalars), inputMiB));

    [Theory]
    [InlineData("""[{"name":"mem","value":1e308,"inputMultiplier":1e308}]""")]
    [InlineData("""[{"name":"mem","value":-1e308,"inputMultiplier":1e308}]""")]
    public void No_amount_is_ever_endless(string scalars)
    {
        var manifest = SeedJson.WithResources(scalars);
        Assert.All(
            new[] { RequiredResources.Compute(manifest, 1e9), RequiredResources.OfMain(manifest, 1e9), RequiredResources.Reserved(manifest, 1e9) },
            resources => Assert.All(resources.Amounts, amount => Assert.True(double.IsFinite(amount.Value) && amount.Value > 0)));
    }
}
