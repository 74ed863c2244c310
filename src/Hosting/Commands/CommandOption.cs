using ImagingIngestion.Settings;

namespace ImagingIngestion.Hosting.Commands;

/// <summary>A setting that has an option of the command line.</summary>
/// <param name="Setting">The setting, with the name of its option.</param>
/// <param name="Value">The name of the value in help.</param>
/// <param name="Description">A sentence for help.</param>
public sealed record CommandOption(Setting Setting, string Value, string Description);
