using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Scale.Model.Files;

/// <summary>A GeoJSON geometry as WKT (longitude and latitude; altitudes are dropped) with its centroid (storage-and-ingest.md §2).</summary>
/// <param name="Wkt">Such as <c>POLYGON ((0 0, 4 0, 4 4, 0 0))</c>.</param>
/// <param name="CenterWkt">The centroid as a <c>POINT</c>.</param>
public sealed record Geometry(string Wkt, string CenterWkt)
{
    /// <summary>Whether the type is one that is understood: Point, LineString, Polygon or the Multi of one of them.</summary>
    public static bool IsSupported(string? type) => type is "Point" or "LineString" or "Polygon" or "MultiPoint" or "MultiLineString" or "MultiPolygon";

    /// <summary>Builds the geometry; null, and why, when its coordinates make none.</summary>
    public static Geometry? FromGeoJson(JsonElement json, out string? problem)
    {
        var type = json.TryGetProperty("type", out var typeElement) && typeElement.ValueKind == JsonValueKind.String ? typeElement.GetString() : null;
        if (!IsSupported(type) || !json.TryGetProperty("coordinates", out var coordinates))
        {
            problem = $"a geometry of type {type ?? "(none)"} without coordinates or of a kind that is not supported";
            return null;
        }

        try
        {
            problem = null;
            return type switch
            {
                "Point" => Points("POINT", [Position(coordinates)]),
                "MultiPoint" => Points("MULTIPOINT", Positions(coordinates, 1)),
                "LineString" => Lines("LINESTRING", [Positions(coordinates, 2)], isMulti: false),
                "MultiLineString" => Lines("MULTILINESTRING", NotEmpty(coordinates).Select(l => Positions(l, 2)).ToList(), isMulti: true),
                "Polygon" => Polygons("POLYGON", [Rings(coordinates)], isMulti: false),
                _ => Polygons("MULTIPOLYGON", NotEmpty(coordinates).Select(Rings).ToList(), isMulti: true),
            };
        }
        catch (FormatException e)
        {
            problem = $"{type}: {e.Message}";
            return null;
        }
    }

    private static Geometry Points(string name, IReadOnlyList<Position2> points) => new(
        $"{name} ({string.Join(", ", points.Select(Text))})", Point(Centroid.OfPoints(points)));

    private static Geometry Lines(string name, IReadOnlyList<IReadOnlyList<Position2>> lines, bool isMulti)
    {
        var text = string.Join(", ", lines.Select(List));
        return new Geometry(isMulti ? $"{name} ({text})" : $"{name} {text}", Point(Centroid.OfLines(lines)));
    }

    private static Geometry Polygons(string name, IReadOnlyList<IReadOnlyList<IReadOnlyList<Position2>>> polygons, bool isMulti)
    {
        var text = string.Join(", ", polygons.Select(rings => $"({string.Join(", ", rings.Select(List))})"));
        return new Geometry(isMulti ? $"{name} ({text})" : $"{name} {text}", Point(Centroid.OfPolygons(polygons)));
    }

    private static IReadOnlyList<IReadOnlyList<Position2>> Rings(JsonElement polygon) => NotEmpty(polygon).Select(ring =>
    {
        var positions = Positions(ring, 4);
        return positions[0] == positions[^1] ? positions : throw new FormatException("a ring is not closed");
    }).ToList();

    private static IReadOnlyList<Position2> Positions(JsonElement array, int atLeast)
    {
        var positions = NotEmpty(array).Select(Position).ToList();
        return positions.Count >= atLeast ? positions : throw new FormatException($"{positions.Count} positions where at least {atLeast} are needed");
    }

    private static Position2 Position(JsonElement position)
    {
        if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() < 2)
        {
            throw new FormatException("a position must be an array of at least two numbers");
        }

        return new Position2(Coordinate(position[0]), Coordinate(position[1]));
    }

    private static double Coordinate(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new FormatException("a coordinate must be a number");

    private static IEnumerable<JsonElement> NotEmpty(JsonElement array) =>
        array.ValueKind == JsonValueKind.Array && array.GetArrayLength() > 0
            ? array.EnumerateArray()
            : throw new FormatException("coordinates must be an array that is not empty");

    private static string List(IReadOnlyList<Position2> positions) => new StringBuilder("(").AppendJoin(", ", positions.Select(Text)).Append(')').ToString();

    private static string Point(Position2 position) => double.IsFinite(position.X) && double.IsFinite(position.Y)
        ? $"POINT ({Text(position)})"
        : throw new FormatException("the coordinates are too large to have a centre");

    private static string Text(Position2 position) => string.Create(CultureInfo.InvariantCulture, $"{position.X} {position.Y}");
}

internal readonly record struct Position2(double X, double Y);

/// <summary>Centroids by the parts of highest dimension: areas, else lengths, else positions.</summary>
internal static class Centroid
{
    public static Position2 OfPoints(IReadOnlyList<Position2> points) => new(points.Average(p => p.X), points.Average(p => p.Y));

    public static Position2 OfLines(IReadOnlyList<IReadOnlyList<Position2>> lines)
    {
        double length = 0, x = 0, y = 0;
        foreach (var line in lines)
        {
            for (var i = 1; i < line.Count; i++)
            {
                var (from, to) = (line[i - 1], line[i]);
                var part = Math.Sqrt((to.X - from.X) * (to.X - from.X) + (to.Y - from.Y) * (to.Y - from.Y));
                length += part;
                x += part * (from.X + to.X) / 2;
                y += part * (from.Y + to.Y) / 2;
            }
        }

        return length > 0 ? new Position2(x / length, y / length) : OfPoints(lines.SelectMany(l => l).ToList());
    }

    public static Position2 OfPolygons(IReadOnlyList<IReadOnlyList<IReadOnlyList<Position2>>> polygons)
    {
        double area = 0, x = 0, y = 0;
        foreach (var polygon in polygons)
        {
            for (var r = 0; r < polygon.Count; r++)
            {
                var (ringArea, ringX, ringY) = Ring(polygon[r]);
                // The first ring bounds the polygon, the others are holes, whichever way they turn.
                var sign = (r == 0 ? 1 : -1) * (ringArea < 0 ? -1 : 1);
                area += sign * ringArea;
                x += sign * ringX;
                y += sign * ringY;
            }
        }

        return area > 0 ? new Position2(x / area, y / area) : OfLines(polygons.SelectMany(p => p).ToList());
    }

    // Relative to the first position: far from the origin the products would eat up the digits of a small area.
    private static (double Area, double X, double Y) Ring(IReadOnlyList<Position2> ring)
    {
        var origin = ring[0];
        double area = 0, x = 0, y = 0;
        for (var i = 1; i < ring.Count; i++)
        {
            var (ax, ay) = (ring[i - 1].X - origin.X, ring[i - 1].Y - origin.Y);
            var (bx, by) = (ring[i].X - origin.X, ring[i].Y - origin.Y);
            var cross = ax * by - bx * ay;
            area += cross / 2;
            x += (ax + bx) * cross / 6;
            y += (ay + by) * cross / 6;
        }

        return (area, x + area * origin.X, y + area * origin.Y);
    }
}
