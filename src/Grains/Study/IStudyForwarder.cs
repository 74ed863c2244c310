using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Grains.Study;

/// <summary>Gives calls on to the silo that owns their study.</summary>
internal interface IStudyForwarder
{
    /// <summary>
    /// Sends the calls to the owner and answers their callers from there, later; false, and nothing happens, when the owner is this silo or
    /// nobody known.
    /// </summary>
    bool TryForward(StudyKey key, IReadOnlyList<StudyTurn> turns);
}
