namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Query/Retrieve Level (0008,0052), from the top down (PS3.4 section C.3).</summary>
internal enum QueryLevel
{
    Patient,
    Study,
    Series,
    Image,
}
