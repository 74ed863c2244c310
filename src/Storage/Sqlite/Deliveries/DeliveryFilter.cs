using System.Globalization;
using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Storage.Sqlite.Deliveries;

/// <summary>The filter of a binding as parameters of set statements; null where everything passes.</summary>
internal sealed class DeliveryFilter
{
    public DeliveryFilter(BindingDefinition binding)
    {
        Types = binding.Types.Aggregate(0L, (mask, type) => mask | (1L << (int)type));
        Providers = Enclose([.. binding.Filter.Providers.Select(provider => provider.Value)]);
        CallingAeTitles = Enclose(binding.Filter.CallingAeTitles);
        Modalities = ToJson(binding.Filter.Modalities);
    }

    /// <summary>Bit n is set for the type with the number n.</summary>
    public long Types { get; }

    /// <summary>Enclosed in backslashes, which no name of a storage space and no AE title holds.</summary>
    public string? Providers { get; }

    /// <summary>Enclosed in backslashes.</summary>
    public string? CallingAeTitles { get; }

    /// <summary>A JSON array of lower-case values, each enclosed in backslashes as in the log.</summary>
    public string? Modalities { get; }

    /// <summary>The condition that a column of the log with modalities passes.</summary>
    public static string ModalitiesPass(string column, string parameter)
        => $"({parameter} IS NULL OR EXISTS (SELECT 1 FROM json_each({parameter}) AS wanted WHERE instr(lower({column}), wanted.value) > "
            + "0))";

    /// <summary>The condition that a column of the manifest passes, which encloses its values by another character.</summary>
    public static string ManifestModalitiesPass(string column, string parameter)
        => ModalitiesPass(
            string.Create(CultureInfo.InvariantCulture, $"replace({column}, char({(int)SearchValue.Delimiter}), '\\')"), parameter);

    /// <summary>The condition that a column with one value passes.</summary>
    public static string ValuePasses(string value, string parameter)
        => $"({parameter} IS NULL OR instr({parameter}, '\\' || {value} || '\\') > 0)";

    private static string? Enclose(IReadOnlyList<string> values) => values.Count == 0 ? null : $"\\{string.Join('\\', values)}\\";

    private static string? ToJson(IReadOnlyList<string> values)
        => values.Count == 0 ? null : JsonList.Of([.. values.Select(value => $"\\{value.Trim().ToLowerInvariant()}\\")]);
}
