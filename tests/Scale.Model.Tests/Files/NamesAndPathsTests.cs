using System.Text.Json;
using Scale.Model.Files;

namespace Scale.Model.Tests.Files;

public class NamesAndPathsTests
{
    private static readonly DateTime Today = new(2031, 3, 2, 23, 59, 59, DateTimeKind.Utc);

    [Theory]
    [InlineData("My Recipe", "my-recipe")]
    [InlineData("  Trim me  ", "trim-me")]
    [InlineData("a - b -- c", "a-b-c")]
    [InlineData("snake_case_ name", "snake-case--name")]
    [InlineData("Éàü Çeşme Þ Øre", "eau-cesme-re")]
    [InlineData("naïve (test) #1!", "naive-test-1")]
    [InlineData("e\u0301te\u0301", "ete")]
    [InlineData("日本語", "")]
    [InlineData("", "")]
    [InlineData("a\tb\nc", "a-b-c")]
    [InlineData("0123456789 0123456789 0123456789 0123456789", "0123456789-0123456789-01234567")]
    public void A_name_is_what_is_left_of_its_title(string title, string name) => Assert.Equal(name, NameFromTitle.Slug(title));

    [Theory]
    [InlineData("my-recipe", "my-recipe-0123456789abcdef012")]
    [InlineData("", "0123456789abcdef012")]
    public void A_taken_name_gets_19_hexadecimal_digits(string slug, string name) => Assert.Equal(name, NameFromTitle.WithSuffix(slug, "0123456789abcdef0123456789"));

    [Theory]
    [InlineData("a", true)]
    [InlineData("a/b.txt", true)]
    [InlineData("..a/b..", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a//b", false)]
    [InlineData("./a", false)]
    [InlineData("a/../b", false)]
    [InlineData("..", false)]
    [InlineData("a\0", false)]
    public void A_safe_path_stays_below_its_root_as_written(string path, bool isSafe) => Assert.Equal(isSafe, RelativePath.IsSafe(path));

    [Theory]
    [InlineData("a//b/../c", "a/c")]
    [InlineData("./a/./b/", "a/b")]
    [InlineData("a/b/../../c", "c")]
    [InlineData("...", "...")]
    [InlineData("a/..", null)]
    [InlineData("a/../../b", null)]
    [InlineData("../a", null)]
    [InlineData("/a", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("a\0b", null)]
    public void A_path_is_normalised_or_refused(string path, string? normal) => Assert.Equal(normal, RelativePath.Normalize(path));

    [Theory]
    [InlineData("/data/scale/../files//x/", "/data/files/x")]
    [InlineData("/..", "/")]
    [InlineData("/a/./b", "/a/b")]
    public void Host_paths_are_normalised(string path, string normal) => Assert.Equal(normal, HostPaths.Normalize(path));

    [Theory]
    [InlineData("/data", true)]
    [InlineData("/srv/scale", true)]
    [InlineData("/tmp/x", true)]
    [InlineData("/var/lib/scale", true)]
    [InlineData("/usrdata", true)]
    [InlineData("/home/ann/files", true)]
    [InlineData("data", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    [InlineData("//", false)]
    [InlineData("/data/..", false)]
    [InlineData("/etc", false)]
    [InlineData("/etc/scale", false)]
    [InlineData("/data/../etc/x", false)]
    [InlineData("/usr/share/data", false)]
    [InlineData("/proc/1/root/data", false)]
    [InlineData("/sys", false)]
    [InlineData("/dev/shm/x", false)]
    [InlineData("/var", false)]
    [InlineData("/var/lib/", false)]
    [InlineData("/home", false)]
    [InlineData("/root", false)]
    [InlineData("/tmp", false)]
    public void A_workspace_is_a_directory_for_data(string path, bool isData) => Assert.Equal(isData, HostPaths.ProblemOf(path) is null);

    [Fact]
    public void A_product_of_a_recipe_lies_below_its_recipe_type_and_revision() => Assert.Equal(
        "recipes/my-recipe/revision_3/jobs/count-lines/1.0.0/2020/01/09/job_exe_77/sub/a b.txt",
        ProductPath.Of(new ProductRecipe("my-recipe", 3), "count-lines", "1.0.0", new DateTime(2020, 1, 9, 0, 0, 0, DateTimeKind.Utc), Today, 77, "sub/a b.txt"));

    [Fact]
    public void Without_a_source_time_the_day_is_today_and_said_to_be_unknown() =>
        Assert.Equal("jobs/j/1.0.0/unknown_source_data_time/2031/03/02/job_exe_1/a", ProductPath.Of(null, "j", "1.0.0", null, Today, 1, "a"));

    [Theory]
    [InlineData(" My Type/(v2) ", "My_Typev2")]
    [InlineData("a.b-c_d", "a.b-c_d")]
    [InlineData("..", "_")]
    [InlineData(".", "_")]
    [InlineData("///", "_")]
    [InlineData("1.0.0-rc.1+b", "1.0.0-rc.1b")]
    public void Names_become_parts_of_a_path_without_what_is_special_in_one(string name, string part)
    {
        Assert.Equal($"recipes/{part}/revision_1/jobs/{part}/{part}/2031/03/02/job_exe_1/a", ProductPath.Of(new ProductRecipe(name, 1), name, name, Today, Today, 1, "a"));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("")]
    [InlineData("a/../../b")]
    public void A_product_outside_of_the_output_directory_has_no_path(string path) =>
        Assert.Throws<ArgumentException>(() => ProductPath.Of(null, "j", "1.0.0", null, Today, 1, path));

    [Fact]
    public void A_uuid_is_the_md5_of_its_parts()
    {
        Assert.Equal("dd18bf3a8e0a2a3e53e2661c7fb53534", FileUuid.OfSource("test.txt"));
        Assert.Equal("8ff66acfc019330bba973b408c63ad15", FileUuid.Of("test.txt", "test1", "test2"));
        Assert.Equal("8ff66acfc019330bba973b408c63ad15", FileUuid.Of("test.txt", null, "test1test2"));
        Assert.Throws<ArgumentException>(() => FileUuid.Of());
    }

    [Fact]
    public void A_product_has_the_same_uuid_over_runs_and_another_for_other_inputs()
    {
        static string Uuid(long jobType, string name, string inputs, string json) =>
            FileUuid.OfProduct(jobType, name, inputs.Split(' '), JsonElement.Parse(json).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value)));

        var uuid = Uuid(5, "a.txt", "u2 u1", """{"z":"text","a":1.5,"m":[1, "x"]}""");
        Assert.Equal(FileUuid.Of("5", "a.txt", "u1", "u2", "a=1.5", "m=[1,\"x\"]", "z=text"), uuid);
        Assert.Equal(uuid, Uuid(5, "a.txt", "u1 u2", """{"m":[1,"x"],"a":1.5,"z":"text"}"""));
        Assert.NotEqual(uuid, Uuid(6, "a.txt", "u2 u1", """{"z":"text","a":1.5,"m":[1,"x"]}"""));
        Assert.NotEqual(uuid, Uuid(5, "b.txt", "u2 u1", """{"z":"text","a":1.5,"m":[1,"x"]}"""));
        Assert.NotEqual(uuid, Uuid(5, "a.txt", "u1", """{"z":"text","a":1.5,"m":[1,"x"]}"""));
        Assert.NotEqual(uuid, Uuid(5, "a.txt", "u1 u2", """{"z":"text","a":2,"m":[1,"x"]}"""));
    }

    [Theory]
    [InlineData("a.txt", "text/plain")]
    [InlineData("A.TXT", "text/plain")]
    [InlineData("dir.csv/a.txt", "text/plain")]
    [InlineData("a.csv", "text/csv")]
    [InlineData("a.json", "application/json")]
    [InlineData("a.geojson", "application/vnd.geo+json")]
    [InlineData("a.xml", "application/xml")]
    [InlineData("a.h5", "image/x-hdf5-image")]
    [InlineData("a.ntf", "image/x-nitf-image")]
    [InlineData("a.NITF", "image/x-nitf-image")]
    [InlineData("a.png", "image/png")]
    [InlineData("a.jpg", "image/jpeg")]
    [InlineData("a.jpeg", "image/jpeg")]
    [InlineData("a.tif", "image/tiff")]
    [InlineData("a.tiff", "image/tiff")]
    [InlineData("a.gif", "image/gif")]
    [InlineData("a.txt.gz", "text/plain")]
    [InlineData("a.csv.BZ2", "text/csv")]
    [InlineData("a.tar.gz", "application/x-tar")]
    [InlineData("a.tgz", "application/x-tar")]
    [InlineData("a.gz", "application/octet-stream")]
    [InlineData(".gz", "application/octet-stream")]
    [InlineData(".txt", "application/octet-stream")]
    [InlineData("a", "application/octet-stream")]
    [InlineData("a.", "application/octet-stream")]
    [InlineData("a.unheard-of", "application/octet-stream")]
    [InlineData("", "application/octet-stream")]
    public void A_media_type_is_guessed_by_the_name(string fileName, string mediaType) => Assert.Equal(mediaType, MediaTypes.Guess(fileName));
}
