using System.Collections.Frozen;

namespace Scale.Model.Files;

/// <summary>Guesses what a file holds by its name (storage-and-ingest.md §2.3).</summary>
public static class MediaTypes
{
    public const string Unknown = "application/octet-stream";

    private static readonly string[] Compressions = [".gz", ".bz2", ".xz", ".z", ".br", ".zst"];

    private static readonly FrozenDictionary<string, string> Packed = new Dictionary<string, string>
    {
        [".tgz"] = "application/x-tar",
        [".taz"] = "application/x-tar",
        [".tz"] = "application/x-tar",
        [".tbz2"] = "application/x-tar",
        [".txz"] = "application/x-tar",
        [".svgz"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> ByExtension = Table(
        ("application/gml+xml", "gml"),
        ("application/java-archive", "jar"),
        ("application/javascript", "js mjs"),
        ("application/json", "json"),
        ("application/msword", "doc dot"),
        ("application/pdf", "pdf"),
        ("application/postscript", "ps ai eps"),
        ("application/vnd.apache.parquet", "parquet"),
        ("application/vnd.geo+json", "geojson"),
        ("application/vnd.google-earth.kml+xml", "kml"),
        ("application/vnd.google-earth.kmz", "kmz"),
        ("application/vnd.ms-excel", "xls xlb"),
        ("application/vnd.ms-powerpoint", "ppt pot pps"),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        ("application/wasm", "wasm"),
        ("application/x-7z-compressed", "7z"),
        ("application/x-cpio", "cpio"),
        ("application/x-csh", "csh"),
        ("application/x-hdf", "hdf hdf4"),
        ("application/x-latex", "latex"),
        ("application/x-netcdf", "nc cdf"),
        ("application/x-sh", "sh"),
        ("application/x-shapefile", "shp"),
        ("application/x-tar", "tar"),
        ("application/x-tex", "tex"),
        ("application/xml", "xml xsd xsl rdf wsdl"),
        ("application/yaml", "yaml yml"),
        ("application/zip", "zip"),
        ("audio/aac", "aac"),
        ("audio/mpeg", "mp2 mp3"),
        ("audio/ogg", "ogg oga"),
        ("audio/x-aiff", "aif aifc aiff"),
        ("audio/x-wav", "wav"),
        ("image/avif", "avif"),
        ("image/bmp", "bmp"),
        ("image/gif", "gif"),
        ("image/heic", "heic"),
        ("image/jp2", "jp2 j2k"),
        ("image/jpeg", "jpg jpeg jpe"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/tiff", "tif tiff"),
        ("image/vnd.microsoft.icon", "ico"),
        ("image/webp", "webp"),
        ("image/x-hdf5-image", "h5 hdf5"),
        ("image/x-nitf-image", "ntf nitf nsf"),
        ("image/x-portable-anymap", "pnm"),
        ("image/x-portable-bitmap", "pbm"),
        ("image/x-portable-graymap", "pgm"),
        ("image/x-portable-pixmap", "ppm"),
        ("image/x-rgb", "rgb"),
        ("image/x-xbitmap", "xbm"),
        ("image/x-xpixmap", "xpm"),
        ("text/css", "css"),
        ("text/csv", "csv"),
        ("text/html", "html htm"),
        ("text/markdown", "md"),
        ("text/plain", "txt text log c h ksh pl bat"),
        ("text/tab-separated-values", "tsv"),
        ("text/x-python", "py"),
        ("video/mp4", "mp4"),
        ("video/mpeg", "mpeg mpg mpe m1v"),
        ("video/mp2t", "ts"),
        ("video/quicktime", "mov qt"),
        ("video/webm", "webm"),
        ("video/x-matroska", "mkv"),
        ("video/x-msvideo", "avi"));

    /// <summary>The media type of a file name, compression suffixes aside (<c>a.txt.gz</c> is <c>text/plain</c>); <see cref="Unknown"/> when nothing is known.</summary>
    public static string Guess(string fileName)
    {
        var name = RelativePath.FileName(fileName).ToLowerInvariant();
        var extension = Extension(name);
        if (Packed.TryGetValue(extension, out var packed))
        {
            return packed;
        }

        if (Compressions.Contains(extension))
        {
            extension = Extension(name[..^extension.Length]);
        }

        return ByExtension.GetValueOrDefault(extension, Unknown);
    }

    // A leading dot hides a file; it starts no extension.
    private static string Extension(string name) => name.LastIndexOf('.') is var dot and > 0 ? name[dot..] : "";

    private static FrozenDictionary<string, string> Table(params (string MediaType, string Extensions)[] rows) => rows
        .SelectMany(row => row.Extensions.Split(' ').Select(e => KeyValuePair.Create("." + e, row.MediaType)))
        .ToFrozenDictionary(StringComparer.Ordinal);
}
