using System.Text;

namespace Scale.Model.Files;

/// <summary>Derives the name of a workspace, scan, strike or recipe type from its title (storage-and-ingest.md §0 "Names").</summary>
public static class NameFromTitle
{
    public const int MaxLength = 30;

    /// <summary>How many random hexadecimal digits <see cref="WithSuffix"/> wants.</summary>
    public const int SuffixLength = 19;

    // Letters of European and Vietnamese alphabets and what they are without their marks. Written out, because string normalization
    // does nothing when the runtime carries no culture data.
    private static readonly Dictionary<char, char> Folded = Fold(
        "aªàáâãäåāăąǎǟǡǻȁȃȧḁẚạảấầẩẫậắằẳẵặÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ", "bḃḅḇḂḄḆ", "cçćĉċčḉÇĆĈĊČḈ", "dďḋḍḏḑḓĎḊḌḎḐḒ",
        "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ", "fḟḞ", "gĝğġģǧǵḡĜĞĠĢǦǴḠ", "hĥȟḣḥḧḩḫẖĤȞḢḤḦḨḪ",
        "iìíîïĩīĭįǐȉȋḭḯỉịÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊ", "jĵǰĴ", "kķǩḱḳḵĶǨḰḲḴ", "lĺļľḷḹḻḽĹĻĽḶḸḺḼ", "mḿṁṃḾṀṂ", "nñńņňǹṅṇṉṋÑŃŅŇǸṄṆṈṊ",
        "oºòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢ", "pṕṗṔṖ", "rŕŗřȑȓṙṛṝṟŔŖŘȐȒṘṚṜṞ",
        "sśŝşšſșṡṣṥṧṩŚŜŞŠȘṠṢṤṦṨ", "tţťțṫṭṯṱẗŢŤȚṪṬṮṰ", "uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữựÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰ", "vṽṿṼṾ",
        "wŵẁẃẅẇẉẘŴẀẂẄẆẈ", "xẋẍẊẌ", "yýÿŷȳẏẙỳỵỷỹÝŶŸȲẎỲỴỶỸ", "zźżžẑẓẕŹŻŽẐẒẔ");

    /// <summary>The name, at most 30 of <c>a-z 0-9 -</c>; empty when the title has nothing to keep.</summary>
    public static string Slug(string title)
    {
        var kept = new StringBuilder(title.Length);
        foreach (var c in title)
        {
            var ascii = char.IsAscii(c) ? c : Folded.GetValueOrDefault(c);
            if (char.IsAsciiLetterOrDigit(ascii) || ascii is '_' or '-')
            {
                kept.Append(char.ToLowerInvariant(ascii));
            }
            else if (ascii is >= '\t' and <= '\r' or ' ')
            {
                kept.Append(' ');
            }
        }

        var name = new StringBuilder(kept.Length);
        foreach (var c in kept.ToString().Trim())
        {
            if (c is not (' ' or '-'))
            {
                name.Append(c);
            }
            else if (name.Length == 0 || name[^1] != '-')
            {
                name.Append('-');
            }
        }

        return name.Replace('_', '-').ToString()[..Math.Min(name.Length, MaxLength)];
    }

    /// <summary>The name to use when <paramref name="slug"/> is taken or empty.</summary>
    /// <param name="hexadecimal">At least <see cref="SuffixLength"/> random hexadecimal digits.</param>
    public static string WithSuffix(string slug, string hexadecimal) =>
        slug.Length == 0 ? hexadecimal[..SuffixLength] : $"{slug}-{hexadecimal[..SuffixLength]}";

    private static Dictionary<char, char> Fold(params string[] rows) =>
        rows.SelectMany(row => row.Skip(1).Select(c => KeyValuePair.Create(c, row[0]))).ToDictionary();
}
