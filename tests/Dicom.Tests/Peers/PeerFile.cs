namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>What another reader makes of a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Error">Why it could not read all of it, else null.</param>
/// <param name="Elements">Every element, items included.</param>
/// <param name="FrameHashes">SHA-256 of each frame; null when it does not tell.</param>
internal sealed record PeerFile(string Path, string? Error, IReadOnlyList<PeerElement> Elements, IReadOnlyList<string>? FrameHashes);

/// <summary>An element as another reader sees it.</summary>
/// <param name="Path">Tags and 0-based item numbers.</param>
/// <param name="VR">Its value representation.</param>
/// <param name="Length">Bytes of the value field, items of a sequence, -1 when it does not tell.</param>
/// <param name="Hash">SHA-256 of the value field in little endian.</param>
/// <param name="Texts">Decoded values of text in Specific Character Set.</param>
internal sealed record PeerElement(string Path, string VR, long Length, string? Hash, IReadOnlyList<string>? Texts);
