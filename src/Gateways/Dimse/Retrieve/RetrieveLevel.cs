namespace ImagingIngestion.Gateways;

/// <summary>Query/Retrieve Level (0008,0052) (PS3.4 section C.6), from the top.</summary>
internal enum RetrieveLevel
{
    Patient,
    Study,
    Series,
    Image,
}
