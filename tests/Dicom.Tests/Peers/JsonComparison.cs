using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Tests.Support;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>Compares our reading of a data set with DICOM JSON (PS3.18 annex F) that another program made from the same file.</summary>
internal sealed class JsonComparison(ReadFile ours)
{
    private static readonly string[] Words = ["OB", "OW", "US", "SS", "UN"];

    public IEnumerable<string> Differences(JsonElement theirs) => Differences(ours.Instance.Dataset, theirs, "");

    private IEnumerable<string> Differences(DicomDataset dataset, JsonElement theirs, string prefix)
    {
        HashSet<uint> seen = [];
        foreach (JsonProperty property in theirs.EnumerateObject())
        {
            string path = prefix + property.Name;
            if (!DicomTag.TryParseHex(property.Name, out DicomTag tag) || !dataset.TryGet(tag, out DicomElement? element))
            {
                yield return $"{path}: only theirs";
                continue;
            }

            seen.Add(tag.Value);
            string vr = property.Value.GetProperty("vr").GetString()!;
            if (vr != element.VR.Code()
                && !(Words.Contains(vr) && Words.Contains(element.VR.Code()))
                && !(vr == "UN" && PeerComparison.IsResolved(element)))
            {
                yield return $"{path}: VR {element.VR.Code()}, theirs {vr}";
                continue;
            }

            foreach (string difference in ElementDifferences(dataset, element, property.Value, path))
            {
                yield return difference;
            }
        }

        bool isCutShort = dataset.Parent is null && ours.Instance.TransferSyntax.IsEncapsulated;
        foreach (DicomElement element in dataset.Elements)
        {
            // Group lengths are not part of DICOM JSON, and this peer ends before encapsulated pixel data.
            if (!seen.Contains(element.Tag.Value)
                && !element.Tag.IsGroupLength
                && !(isCutShort && element.Tag.Group >= 0x7FE0)
                && element.Bulk is not { IsEncapsulated: true })
            {
                yield return $"{prefix}{element.Tag.ToHex()}: only ours";
            }
        }
    }

    private IEnumerable<string> ElementDifferences(DicomDataset dataset, DicomElement element, JsonElement theirs, string path)
    {
        if (element.Items is { } items)
        {
            JsonElement[] others = theirs.TryGetProperty("Value", out JsonElement list) ? [.. list.EnumerateArray()] : [];
            if (items.Count != others.Length)
            {
                return [$"{path}: {items.Count} items, theirs {others.Length}"];
            }

            return items.Zip(others).SelectMany((pair, i) => Differences(pair.First, pair.Second, $"{path}/{i}/"));
        }

        byte[] value = ours.ValueOf(element);
        if (theirs.TryGetProperty("InlineBinary", out JsonElement binary))
        {
            return binary.GetBytesFromBase64().AsSpan().SequenceEqual(value) ? [] : [$"{path}: {value.Length} bytes, not theirs"];
        }

        string[] own = [.. Values(dataset, element, value)];
        string[] other = theirs.TryGetProperty("Value", out JsonElement values)
            ? [.. values.EnumerateArray().Select(one => Text(one, element.VR))]
            : [];
        bool isSame = string.Join('\\', own).TrimEnd('\\') == string.Join('\\', other).TrimEnd('\\')
            || IsSameNumbers(element.VR, own, other);

        // The peer converts all text to UTF-8 and declares it.
        bool isConverted = element.Tag == DicomTag.SpecificCharacterSet && other is ["ISO_IR 192"];
        return isSame || isConverted ? [] : [$"{path}: '{Short(string.Join('\\', own))}', theirs '{Short(string.Join('\\', other))}'"];
    }

    /// <summary>Compares numbers: the peer prints more digits of a float, and rounds the last ones of a double.</summary>
    private static bool IsSameNumbers(DicomVR vr, string[] own, string[] other)
        => vr is DicomVR.FL or DicomVR.FD && own.Length == other.Length && own.Zip(other).All(pair =>
        {
            double first = double.Parse(pair.First, CultureInfo.InvariantCulture);
            double second = double.Parse(pair.Second, CultureInfo.InvariantCulture);
            return vr == DicomVR.FL ? (float)first == (float)second : Math.Abs(first - second) <= Math.Abs(first) * 1e-13;
        });

    private static IEnumerable<string> Values(DicomDataset dataset, DicomElement element, byte[] value)
    {
        if (value.Length == 0)
        {
            return [];
        }

        int size = element.VR.Traits().UnitSize;
        return element.VR switch
        {
            DicomVR.AT => value.Chunk(4).Select(tag => Convert.ToHexString([tag[1], tag[0], tag[3], tag[2]])),
            DicomVR.DS or DicomVR.IS => dataset.CharacterSet.DecodeValues(value, element.VR).Select(text => Number(text.Trim(' ', '\0'))),
            DicomVR.PN => dataset.CharacterSet.DecodeValues(value, element.VR).Select(text => text.Trim(' ', '\0').TrimEnd('=', '^')),
            _ when element.VR.Traits().Kind == DicomValueKind.Numbers =>
                value.Chunk(size).Where(unit => unit.Length == size).Select(unit => Number(element.VR, unit)),
            _ => dataset.CharacterSet.DecodeValues(value, element.VR).Select(text => text.Trim(' ', '\0')),
        };
    }

    private static string Number(DicomVR vr, byte[] unit) => vr switch
    {
        DicomVR.US => Invariant(BinaryPrimitives.ReadUInt16LittleEndian(unit)),
        DicomVR.SS => Invariant(BinaryPrimitives.ReadInt16LittleEndian(unit)),
        DicomVR.UL => Invariant(BinaryPrimitives.ReadUInt32LittleEndian(unit)),
        DicomVR.SL => Invariant(BinaryPrimitives.ReadInt32LittleEndian(unit)),
        DicomVR.UV => Invariant(BinaryPrimitives.ReadUInt64LittleEndian(unit)),
        DicomVR.SV => Invariant(BinaryPrimitives.ReadInt64LittleEndian(unit)),
        DicomVR.FL => Invariant(BinaryPrimitives.ReadSingleLittleEndian(unit)),
        _ => Number(Invariant(BinaryPrimitives.ReadDoubleLittleEndian(unit))),
    };

    private static string Number(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number.ToString("R", CultureInfo.InvariantCulture)
            : text;

    private static string Invariant<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(JsonElement value, DicomVR vr) => value.ValueKind switch
    {
        JsonValueKind.Number => Number(value.GetRawText()),
        JsonValueKind.String when vr is DicomVR.DS or DicomVR.IS => Number(value.GetString()!.Trim(' ')),
        JsonValueKind.String => value.GetString()!.Trim(' '),
        JsonValueKind.Object =>
            string.Join('=', Group(value, "Alphabetic"), Group(value, "Ideographic"), Group(value, "Phonetic")).TrimEnd('=', '^'),
        _ => "",
    };

    private static string Group(JsonElement name, string group)
        => name.TryGetProperty(group, out JsonElement text) ? text.GetString()! : "";

    private static string Short(string text) => text.Length > 60 ? $"{text[..60]}... ({text.Length})" : text;
}
