using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.Tests.Json;

/// <summary>Data sets with elements of every VR, well-formed and not, nested up to three deep.</summary>
internal static class RandomDatasets
{
    private const string Alphabet = "AZaz09 ^=\\.+-eE_\"'/<>&%\n\r\t\u001féüß山田太郎とИ한😀";

    private static readonly DicomVR[] VRs = [.. Enum.GetValues<DicomVR>().Where(vr => vr is not (DicomVR.None or DicomVR.SQ))];

    private static readonly string[] DecimalTexts =
    [
        "1.50", "-0", "0.000001", "1e5", "+1.50", "007", "1.", ".5", "-", "1E-05", "12345678901234567890", " 3 ", "", "NaN"
    ];

    public static Arbitrary<DicomDataset> Any { get; } = Arb.From(Datasets(0, "0123456789 ^=\\").Or(Datasets(3, Alphabet)));

    public static Gen<DicomDataset> Datasets(int depth, string alphabet)
        => Elements(depth, alphabet).ListOf().Select(elements => Sample.Dataset([.. elements]));

    private static Gen<DicomDataset> Or(this Gen<DicomDataset> first, Gen<DicomDataset> second) => Gen.OneOf(first, second);

    private static Gen<DicomElement> Elements(int depth, string alphabet)
    {
        Gen<uint> anyTags = Gen.Choose(0x0008, 0x0060).SelectMany(
            group => Gen.Choose(1, 0x1FFF).Select(element => ((uint)group << 16) | (uint)element));
        Gen<uint> privateTags = Gen.Elements(
            0x00090010u, 0x00090011u, 0x00091001u, 0x00091002u, 0x00091101u, 0x00091102u, 0x00090001u, 0x00090101u);
        Gen<uint> tags = Gen.Frequency((3, anyTags), (1, privateTags));
        Gen<DicomElement> plain = tags.SelectMany(
            tag => Gen.Elements(VRs).SelectMany(vr => Fields(vr, alphabet).Select(field => Sample.Raw(tag, vr, field))));
        if (depth == 0)
        {
            return plain;
        }

        Gen<DicomElement> sequences = tags.SelectMany(tag => Gen
            .Choose(0, 2)
            .SelectMany(count => Datasets(depth - 1, alphabet).Resize(3).ArrayOf(count))
            .Select(items => Sample.Sequence(tag, items)));
        return Gen.Frequency((8, plain), (1, sequences));
    }

    private static Gen<byte[]> Fields(DicomVR vr, string alphabet) => vr.Traits().Kind switch
    {
        DicomValueKind.Text when vr is DicomVR.DS or DicomVR.IS =>
            Gen.Elements(DecimalTexts).NonEmptyListOf().Select(texts => Encoding.UTF8.GetBytes(string.Join('\\', texts))),
        DicomValueKind.Text =>
            Gen.Elements(alphabet.EnumerateRunes().ToArray()).ListOf().Select(runes => Encoding.UTF8.GetBytes(string.Concat(runes))),
        _ => Gen.Choose(0, 255).Select(value => (byte)value).ListOf().Select(bytes => bytes.ToArray()),
    };
}
