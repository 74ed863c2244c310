namespace ImagingIngestion.Manifest.Events;

/// <summary>What happened to an instance. The numbers are stored.</summary>
public enum ChangeKind
{
    /// <summary>It was not there before, or had been deleted.</summary>
    Addition = 1,

    /// <summary>It replaced other content.</summary>
    Modification = 2,
}
