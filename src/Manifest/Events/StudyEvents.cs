using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Events;

/// <summary>Creates the events of a study from the decisions of its grain.</summary>
internal static class StudyEvents
{
    /// <summary>Creates the events of an instance that was added or replaced.</summary>
    public static IEnumerable<EventDraft> OfInstance(InstanceArrival arrival, ChangeKind change)
    {
        EventElement[] elements =
            [.. Elements(arrival.StudyAttributes).Concat(Elements(arrival.SeriesAttributes)).Concat(Elements(arrival.Content.Attributes))
            .OrderBy(element => element.Group, StringComparer.Ordinal).ThenBy(element => element.Element, StringComparer.Ordinal)];
        EventDraft stored = new()
        {
            Type = EventType.ImageStored,
            Instance = arrival.State.Id,
            Change = change,
            Modalities = arrival.SeriesAttributes.TextValues(DicomTag.Modality),
            CallingAeTitle = arrival.CallingAeTitle,
            Object = arrival.State.Object,
            Data = EventData.Pack(new EventImage(arrival.State.TransferSyntaxUid, elements)),
        };
        return [stored, stored with { Type = EventType.DicomAvailable, Data = default }];
    }

    /// <summary>Creates the event of a settling revision, whose data is the revision.</summary>
    /// <remarks>It names the modalities of deleted series too, so that their subscribers hear of the deletion.</remarks>
    public static EventDraft OfRevision(StudyState study, RevisionContent content) => new()
    {
        Type = EventType.StudyRevision,
        Revision = study.NextRevision,
        Modalities = content.Before.IsEmpty
            ? [.. study.Modalities]
            : [.. study.Modalities.Union(EventData.ModalitiesOf(content.Before)).Order(StringComparer.Ordinal)],
    };

    /// <summary>Creates the settled study with what its open revision changed.</summary>
    public static StudyRevisionEvent Snapshot(StudyState study, RevisionContent content)
    {
        ILookup<SeriesInstanceUid, RevisionInstance> instances = content.Instances.ToLookup(instance => instance.Id.Series);
        EventSeries[] series = [.. study.Series.Select(state => new EventSeries
        {
            SeriesInstanceUID = state.Uid.Value,
            Number = Integer(state.Attributes.GetString(DicomTag.SeriesNumber)),
            Modality = state.Modalities.Count == 0 ? null : state.Modalities[0],
            Attributes = [.. Elements(state.Attributes)],
            Instances = [.. instances[state.Uid].Select(
                instance => new EventInstance(instance.Id.Sop.Value, instance.SopClass.Value, instance.Number))],
            ProviderName = study.Key.Provider.Value,
        })];
        int revision = study.NextRevision;
        RevisionInstance[] changed = [.. content.Instances.Where(instance => instance.ChangedRevision == revision)];
        EventChangeSet changes = new(
            Additions: [.. changed.Where(instance => instance.AddedRevision == revision).Select(instance => Reference(instance.Id))],
            Deletions: [.. content.Deleted.Select(Reference)],
            Modifications: [.. changed.Where(instance => instance.AddedRevision != revision).Select(instance => Reference(instance.Id))]);
        string? date = study.Attributes.GetString(DicomTag.StudyDate);
        return new StudyRevisionEvent(
            revision, new EventStudy(study.Key.Study.Value, date, [.. Elements(study.Attributes)], series), changes);
    }

    private static IEnumerable<EventElement> Elements(DicomDataset attributes)
        => from element in attributes.Elements
           where element.Items is null
           let tag = element.Tag.ToHex()
           let values = attributes.GetStrings(element.Tag)
           select new EventElement(tag[..4], tag[4..], element.VR.Code(), values.Length == 0 ? null : string.Join('\\', values));

    private static string Reference(InstanceId instance) => $"{instance.Series.Value}/{instance.Sop.Value}";

    private static long? Integer(string? text)
        => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}

/// <summary>
/// An attribute in an event: group and element as four upper-case hexadecimal digits each, several values separated by backslashes.
/// </summary>
public sealed record EventElement(string Group, string Element, string Vr, string? Value);
