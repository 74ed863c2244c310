namespace ImagingIngestion.DictionaryGenerator;

/// <summary>From the two tables of PS3.6 to the generated C# files.</summary>
public static class Generator
{
    public const string DataElementsFile = "data-elements.tsv";
    public const string UidsFile = "uids.tsv";

    /// <summary>All generated files, the same for the same tables.</summary>
    public static IReadOnlyList<GeneratedFile> Generate(string dataElements, string uids)
    {
        var tables = new DictionaryTables(TsvFile.Parse(DataElementsFile, dataElements, columns: 6));
        TsvFile registry = TsvFile.Parse(UidsFile, uids, columns: 5);
        return [.. TagConstantsWriter.Write(tables), .. DictionaryDataWriter.Write(tables), UidRegistryWriter.Write(registry)];
    }
}
