namespace ImagingIngestion.DictionaryGenerator;

/// <summary>One file that the generator writes.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Text">The whole text, with line feeds.</param>
public sealed record GeneratedFile(string Name, string Text);
