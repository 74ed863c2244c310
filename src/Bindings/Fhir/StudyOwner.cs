namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Whose an ImagingStudy with the UID of a study is.</summary>
internal enum StudyOwner
{
    /// <summary>It names no storage space: another system, or a person, made it.</summary>
    Nobody,

    /// <summary>It names the study in this storage space.</summary>
    Us,

    /// <summary>It names the same study in another storage space.</summary>
    OtherSpace,
}
