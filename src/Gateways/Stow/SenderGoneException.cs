namespace ImagingIngestion.Gateways.Stow;

/// <summary>The sender, or the connection to it, is gone within an instance: it hears nothing and will send again. Any other fault of reading or writing is one of ours.</summary>
public sealed class SenderGoneException(Exception inner) : IOException("The sender is gone.", inner);
