using System.Globalization;
using System.Security;
using System.Text;

namespace ImagingIngestion.DictionaryGenerator;

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
            text.Append(CultureInfo.InvariantCulture, $"    /// <summary>({row.Pattern[..4]},{row.Pattern[4..]}) {row.VR} {row.VM} {SecurityElement.Escape(row.Name)}{retired}</summary>\n");
            text.Append(CultureInfo.InvariantCulture, $"    public static DicomTag {row.Keyword} => new(0x{tag >> 16:X4}, 0x{tag & 0xFFFF:X4});\n");
        }

        return text.Append("}\n").ToString();
    }
}
