using System.Text;

namespace ImagingIngestion.DictionaryGenerator;

/// <summary>Writes the UID registry as one constant text, a line per UID, which the product reads when it is first asked.</summary>
public static class UidRegistryWriter
{
    public static GeneratedFile Write(TsvFile source)
    {
        var text = new StringBuilder(source.Header());
        text.Append("namespace ImagingIngestion.Dicom.Dictionary;\n\ninternal static class UidRegistryText\n{\n");
        text.Append("    /// <summary>Lines of UID, name, type, keyword and \"retired\", parted by bars.</summary>\n");
        text.Append("    internal const string Text = \"\"\"\n");
        foreach (string[] fields in source.Rows.OrderBy(fields => fields[0], StringComparer.Ordinal))
        {
            text.AppendJoin('|', fields).Append('\n');
        }

        return new GeneratedFile("UidRegistryText.g.cs", text.Append("\"\"\";\n}\n").ToString());
    }
}
