using System.Globalization;
using System.Reflection;

namespace ImagingIngestion.Storage.Sql;

/// <summary>The numbered scripts that make the schema of a store, forward only.</summary>
internal static class MigrationScripts
{
    /// <summary>Returns the scripts whose resources have this prefix before their number, in order.</summary>
    public static IReadOnlyList<(int Number, string Resource)> Of(string prefix)
        => [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(
                name => (Number: int.Parse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture), Resource: name))
            .OrderBy(script => script.Number)];

    public static string Read(string resource)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
