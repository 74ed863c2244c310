using System.Globalization;
using System.Security;
using System.Text;

namespace ImagingIngestion.DictionaryGenerator;

/// <summary>Makes the generated C# files from the two tables of PS3.6.</summary>
public static class Generator
{
    public const string DataElementsFile = "data-elements.tsv";
    public const string UidsFile = "uids.tsv";

    /// <summary>Returns all generated files, the same for the same tables.</summary>
    public static IReadOnlyList<GeneratedFile> Generate(string dataElements, string uids)
    {
        var tables = new DictionaryTables(TsvFile.Parse(DataElementsFile, dataElements, columns: 6));
        TsvFile registry = TsvFile.Parse(UidsFile, uids, columns: 5);
        return [.. TagConstantsWriter.Write(tables), .. DictionaryDataWriter.Write(tables), UidRegistryWriter.Write(registry)];
    }
}

/// <summary>One file that the generator writes.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Text">The whole text, with line feeds.</param>
public sealed record GeneratedFile(string Name, string Text);

/// <summary>Writes the UID registry as one constant text, a line for each UID, which the product reads on first use.</summary>
public static class UidRegistryWriter
{
    public static GeneratedFile Write(TsvFile source)
    {
        var text = new StringBuilder(source.Header());
        text.Append("namespace ImagingIngestion.Dicom.Dictionary;\n\ninternal static class UidRegistryText\n{\n");
        text.Append("    /// <summary>Lines of UID, name, type, keyword and \"retired\", separated by bars.</summary>\n");
        text.Append("    internal const string Text = \"\"\"\n");
        foreach (string[] fields in source.Rows.OrderBy(fields => fields[0], StringComparer.Ordinal))
        {
            text.AppendJoin('|', fields).Append('\n');
        }

        return new GeneratedFile("UidRegistryText.g.cs", text.Append("\"\"\";\n}\n").ToString());
    }
}

/// <summary>Writes the parts of DicomTag that hold one constant per keyword, one file per group.</summary>
public static class TagConstantsWriter
{
    public static IEnumerable<GeneratedFile> Write(DictionaryTables tables)
        => tables.Rows.Where(row => row.Keyword.Length > 0)
            .GroupBy(row => row.Pattern[..4])
            .Select(group => new GeneratedFile($"DicomTag.Group{group.Key}.g.cs", Part(tables, [.. group.OrderBy(tables.TagOf)])));

    private static string Part(DictionaryTables tables, IReadOnlyList<DataElementRow> rows)
    {
        var text = new StringBuilder(tables.Source.Header());
        text.Append("namespace ImagingIngestion.Dicom.Dictionary;\n\npublic readonly partial record struct DicomTag\n{\n");
        foreach (DataElementRow row in rows)
        {
            uint tag = tables.TagOf(row);
            string retired = row.IsRetired ? " (retired)" : "";
            text.Append(CultureInfo.InvariantCulture, $"    /// <summary>({row.Pattern[..4]},{row.Pattern[4..]}) {row.VR} {row.VM} "
                + $"{SecurityElement.Escape(row.Name)}{retired}</summary>\n");
            text.Append(
                CultureInfo.InvariantCulture, $"    public static DicomTag {row.Keyword} => new(0x{tag >> 16:X4}, 0x{tag & 0xFFFF:X4});\n");
        }

        return text.Append("}\n").ToString();
    }
}

/// <summary>Writes the dictionary as constant spans, which live in the image of the assembly and need no work at start.</summary>
public static class DictionaryDataWriter
{
    private const int LineWidth = 160;

    public static IEnumerable<GeneratedFile> Write(DictionaryTables tables)
    {
        yield return new GeneratedFile("DicomDictionaryData.g.cs", Data(tables));
        yield return new GeneratedFile("DicomDictionaryText.g.cs", Texts(tables));
    }

    private static string Data(DictionaryTables tables)
    {
        var text = new StringBuilder(tables.Source.Header());
        text.Append("using ImagingIngestion.Dicom.DataSets;\n\nnamespace ImagingIngestion.Dicom.Dictionary;\n\ninternal static class "
            + "DicomDictionaryData\n{\n");
        Span(text, "uint", "Keys", "Tags in ascending order, with F for every x.", tables.Rows.Select(row => $"0x{row.Key:X8}"));
        Span(
            text,
            "ushort",
            "Slots",
            "Hash table: row number plus one, 0 for a free slot.",
            tables.Slots.Select(slot => slot.ToString(CultureInfo.InvariantCulture)));
        Span(
            text,
            "ushort",
            "Traits",
            "Per row: VR in the low six bits, mask in the next three, VM in the next six, retired in the highest.",
            tables.Rows.Select(row => Traits(tables, row)));
        Span(
            text,
            "ushort",
            "KeywordOrder",
            "Row numbers in ordinal order of keyword.",
            tables.KeywordOrder.Select(index => index.ToString(CultureInfo.InvariantCulture)));
        Span(text, "uint", "Masks", "Ones where a tag must agree with its key.", tables.Masks.Select(mask => $"0x{mask:X8}"));
        Span(text, "uint", "Fills", "Per mask: the bits of the first tag of a pattern.", tables.Fills.Select(fill => $"0x{fill:X8}"));
        Span(text, "ushort", "VRs", "First VR of each kind.", tables.VRs.Select(vr => $"(ushort)DicomVR.{FirstVR(vr)}"));
        Span(
            text,
            "ushort",
            "ImplicitVRs",
            "VR of each kind when it is not in the data.",
            tables.VRs.Select(vr => $"(ushort)DicomVR.{ImplicitVR(vr)}"));
        Span(
            text,
            "bool",
            "Ambiguous",
            "Kinds that are several VRs.",
            tables.VRs.Select(vr => vr.Contains(" or ", StringComparison.Ordinal) ? "true" : "false"));
        text.Append("    internal static string VMOf(int number) => number switch\n    {\n");
        for (int index = 0; index < tables.VMs.Count; index++)
        {
            text.Append(CultureInfo.InvariantCulture, $"        {index} => \"{tables.VMs[index]}\",\n");
        }

        return text.Append("        _ => \"\",\n    };\n}\n").ToString();
    }

    private static string Texts(DictionaryTables tables)
    {
        var body = new StringBuilder();
        var positions = new List<int>(tables.Rows.Count);
        int lineStart = 0;
        foreach (DataElementRow row in tables.Rows)
        {
            string entry = $"{row.Keyword}|{row.Name}|";
            if (body.Length > lineStart && body.Length - lineStart + entry.Length > LineWidth)
            {
                body.Append('\n');
                lineStart = body.Length;
            }

            positions.Add(body.Length);
            body.Append(entry);
        }

        var text = new StringBuilder(tables.Source.Header());
        text.Append("namespace ImagingIngestion.Dicom.Dictionary;\n\ninternal static class DicomDictionaryText\n{\n");
        Span(
            text,
            "int",
            "Positions",
            "Per row: where its keyword starts in the text; the name follows, each ends with a bar.",
            positions.Select(position => position.ToString(CultureInfo.InvariantCulture)));
        return text
            .Append("    internal static System.ReadOnlySpan<byte> Text => \"\"\"\n")
            .Append(body)
            .Append("\n\"\"\"u8;\n}\n")
            .ToString();
    }

    private static void Span(StringBuilder text, string type, string name, string summary, IEnumerable<string> values)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"    /// <summary>{summary}</summary>\n    internal static System.ReadOnlySpan<{type}> {name} =>\n    [\n");
        foreach (string[] line in values.Chunk(type == "uint" ? 12 : 20))
        {
            text.Append("        ").AppendJoin(", ", line).Append(",\n");
        }

        text.Append("    ];\n\n");
    }

    private static string Traits(DictionaryTables tables, DataElementRow row)
    {
        int vr = DictionaryTables.IndexOf(tables.VRs, row.VR);
        int mask = DictionaryTables.IndexOf(tables.Masks, row.Mask);
        int vm = DictionaryTables.IndexOf(tables.VMs, row.VM);
        if (vr > 63 || mask > 7 || vm > 63)
        {
            throw new FormatException(
                "More VRs, masks or VMs than the packed traits have room for: widen them here and in DicomDictionary.");
        }

        return $"0x{vr | (mask << 6) | (vm << 9) | (row.IsRetired ? 0x8000 : 0):X4}";
    }

    private static string FirstVR(string vr) => vr == "NONE" ? "None" : vr.Split(' ')[0];

    /// <summary>Returns OW if words are possible, as DCMTK does, because implicit VR stores them so (PS3.5 section A.1).</summary>
    /// <remarks>Otherwise it returns the first VR, for example US for "US or SS".</remarks>
    private static string ImplicitVR(string vr) => vr.EndsWith(" or OW", StringComparison.Ordinal) ? "OW" : FirstVR(vr);
}
