using System.Security.Cryptography;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Tests.Support;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>Compares our reading of a file with another reader's and lists the differences.</summary>
internal static class PeerComparison
{
    /// <summary>VRs of the same bytes; the VR of an implicit element depends on the context.</summary>
    private static readonly string[] Words = ["OB", "OW", "OB or OW", "US", "SS", "US or SS", "US or OW", "US or SS or OW"];

    /// <summary>Returns differences as "path: what"; the path is empty for those of the whole file.</summary>
    public static IEnumerable<string> Differences(ReadFile ours, PeerFile theirs)
    {
        Dictionary<string, (DicomDataset Owner, DicomElement Element)> own = [];
        foreach ((string path, DicomDataset owner, DicomElement element) in ours.Walk())
        {
            own[path] = (owner, element);
        }

        foreach (PeerElement element in theirs.Elements)
        {
            if (!own.Remove(element.Path, out (DicomDataset Owner, DicomElement Element) found))
            {
                yield return $"{element.Path}: only theirs";
                continue;
            }

            foreach (string difference in ElementDifferences(ours, found.Owner, found.Element, element))
            {
                yield return $"{element.Path}: {difference}";
            }
        }

        foreach (string path in own.Keys)
        {
            yield return $"{path}: only ours";
        }

        foreach (string difference in FrameDifferences(ours, theirs.FrameHashes))
        {
            yield return difference;
        }
    }

    /// <summary>
    /// Returns whether an element that came as UN, or without VR and unknown to the peer, has the dictionary's VR (PS3.5 section 6.2.2).
    /// </summary>
    public static bool IsResolved(DicomElement element)
        => element.Tag.IsPrivateCreator
            ? element.VR == DicomVR.LO
            : DicomDictionary.TryGet(element.Tag, out DicomDictionaryEntry? entry) && entry.VR == element.VR;

    private static IEnumerable<string> ElementDifferences(ReadFile ours, DicomDataset owner, DicomElement element, PeerElement theirs)
    {
        string vr = element.VR.Code();
        if (vr != theirs.VR && !(Words.Contains(vr) && Words.Contains(theirs.VR)) && !(theirs.VR == "UN" && IsResolved(element)))
        {
            yield return $"VR {vr}, theirs {theirs.VR}";
        }

        if (element.Items is { } items)
        {
            if (items.Count != theirs.Length)
            {
                yield return $"{items.Count} items, theirs {theirs.Length}";
            }

            yield break;
        }

        byte[] value = Comparable(ours, element);
        if (theirs.Hash is not null && (value.Length != theirs.Length || !Hash(value).Equals(theirs.Hash, StringComparison.Ordinal)))
        {
            yield return $"{value.Length} bytes, theirs {theirs.Length}, with another hash";
        }
        else if (theirs.Texts is not null && vr == theirs.VR && element.VR.Traits().UsesCharacterSet)
        {
            string own = Joined(value.Length == 0 ? [] : owner.CharacterSet.DecodeValues(value, element.VR), element.VR);
            string other = Joined(theirs.Texts, element.VR);
            if (own != other)
            {
                yield return $"text '{own}', theirs '{other}'";
            }
        }
    }

    private static IEnumerable<string> FrameDifferences(ReadFile ours, IReadOnlyList<string>? theirs)
    {
        if (theirs is null)
        {
            yield break;
        }

        int count = ours.Instance.Frames?.Count ?? 0;
        if (count != theirs.Count)
        {
            yield return $": {count} frames, theirs {theirs.Count}";
        }

        for (int i = 0; i < Math.Min(count, theirs.Count); i++)
        {
            if (Hash(LittleEndianFrame(ours, i)) != theirs[i])
            {
                yield return $": frame {i + 1} has other bytes";
            }
        }
    }

    /// <summary>
    /// Returns a frame in little endian: words of the whole value are swapped before it is cut into frames, which may begin inside a word.
    /// </summary>
    private static byte[] LittleEndianFrame(ReadFile ours, int number)
    {
        byte[] frame = ours.Frame(number);
        return ours.Instance.TransferSyntax.IsBigEndian && ours.Instance.Dataset.TryGet(ours.Instance.Frames!.Tag, out DicomElement? pixels)
            ? ours.ValueOf(pixels)[(frame.Length * number)..(frame.Length * (number + 1))]
            : frame;
    }

    /// <summary>Returns the value for comparison: encapsulated values without the delimiter at the end, as in peers.</summary>
    private static byte[] Comparable(ReadFile ours, DicomElement element)
    {
        byte[] value = ours.ValueOf(element);
        bool isDelimited = element.Bulk is { IsEncapsulated: true } && value.AsSpan().EndsWith<byte>([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        return isDelimited ? value[..^8] : value;
    }

    /// <summary>Joins values without padding and empty groups at the end of a person name (PS3.5 section 6.2).</summary>
    private static string Joined(IEnumerable<string> values, DicomVR vr)
        => string.Join('\\', values.Select(value => value.Trim(' ', '\0')).Select(value => vr == DicomVR.PN ? value.TrimEnd('=') : value))
            .TrimEnd('\\', ' ');

    private static string Hash(byte[] value) => Convert.ToHexStringLower(SHA256.HashData(value));
}
