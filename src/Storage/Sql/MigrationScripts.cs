using System.Globalization;
using System.Reflection;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The numbered scripts that make the schema of a store, forward only.</summary>
internal static class MigrationScripts
{
    /// <summary>Returns the scripts whose resources have this prefix before their number, in order.</summary>
    public static IReadOnlyList<MigrationScript> Of(string prefix)
    {
        List<MigrationScript> scripts =
        [
            .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Select(name => new MigrationScript(
                    int.Parse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture), name)),
        ];
        scripts.Sort((one, other) => one.Number.CompareTo(other.Number));
        return scripts;
    }

    public static string Read(string resource)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}

/// <summary>A script by its number.</summary>
/// <remarks>A class: LINQ over value types is compiled while the process starts, LINQ over classes when it is published.</remarks>
internal sealed record MigrationScript(int Number, string Resource);
