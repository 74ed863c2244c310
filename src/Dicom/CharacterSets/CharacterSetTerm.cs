using System.Text;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>What a defined term of (0008,0005) stands for: sets that are in G0 and G1 from the start, or an encoding of its own without code extensions.</summary>
/// <param name="Term">The term as the standard writes it; for encodings that it does not know, their usual name.</param>
/// <param name="G0">The set in G0, ASCII for most.</param>
/// <param name="G1">The set in G1, if any.</param>
/// <param name="Encoding">The whole encoding, else null.</param>
internal sealed record CharacterSetTerm(string Term, GraphicSet G0, GraphicSet? G1, Encoding? Encoding = null)
{
    /// <summary>True for ISO 646 alone.</summary>
    internal bool IsDefaultRepertoire => Term is "ISO_IR 6" or "ISO 2022 IR 6";
}
