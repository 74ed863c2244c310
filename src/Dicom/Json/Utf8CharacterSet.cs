using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Json;

/// <summary>
/// Makes Specific Character Set (0008,0005) of data sets that are written as UTF-8 say so (PS3.18 section F.2), while their text is still decoded
/// by the set that they were read with.
/// </summary>
internal static class Utf8CharacterSet
{
    private static readonly ReadOnlyMemory<byte> Name = "ISO_IR 192"u8.ToArray();

    /// <summary>Changes the element where it is, in items too; the root gets one where undeclared text is not ASCII.</summary>
    public static void Declare(DicomDataset root)
    {
        if (Visit(root) && !root.TryGet(DicomTag.SpecificCharacterSet, out _))
        {
            root.Set(Element());
        }
    }

    /// <summary>Returns whether there is text beyond ASCII. Items wait on a stack: they may be nested deeply.</summary>
    private static bool Visit(DicomDataset root)
    {
        bool isBeyondAscii = false;
        Stack<DicomDataset> waiting = new([root]);
        while (waiting.TryPop(out DicomDataset? dataset))
        {
            // Once it is asked for, the set stays whatever becomes of the element.
            _ = dataset.CharacterSet;
            if (dataset.TryGet(DicomTag.SpecificCharacterSet, out DicomElement? named) && !named.IsEmpty)
            {
                dataset.Set(Element());
            }

            foreach (DicomElement element in dataset.Elements)
            {
                isBeyondAscii |= element.VR.Traits().UsesCharacterSet && element.Value.Span.ContainsAnyExceptInRange((byte)0, (byte)0x7F);
                foreach (DicomDataset item in element.Items ?? [])
                {
                    waiting.Push(item);
                }
            }
        }

        return isBeyondAscii;
    }

    private static DicomElement Element() => new(DicomTag.SpecificCharacterSet, DicomVR.CS, Name);
}
