namespace ImagingIngestion.Gateways;

/// <summary>Where memory came from.</summary>
internal enum HeaderGrant
{
    None,
    Pool,
    Reserve,
}
