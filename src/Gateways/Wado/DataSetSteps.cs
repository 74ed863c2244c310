using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.Writing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>What one block of a data set brought, until it is written.</summary>
internal sealed class DataSetSteps : IDataSetObserver
{
    private const int StepBytes = 160;

    private readonly List<(StepKind Kind, DicomElement? Element)> _steps = [];
    private long _valueBytes;

    private enum StepKind
    {
        Element,
        BeginSequence,
        BeginItem,
        EndItem,
        EndSequence,
    }

    /// <summary>Bytes of memory, by estimate.</summary>
    public long MemoryBytes => _valueBytes + (_steps.Count * (long)StepBytes);

    public void Element(DicomElement element)
    {
        _valueBytes += element.Value.Length;
        _steps.Add((StepKind.Element, element));
    }

    public void BeginSequence(DicomTag tag) => _steps.Add((StepKind.BeginSequence, new DicomElement(tag, [])));

    public void BeginItem() => _steps.Add((StepKind.BeginItem, null));

    public void EndItem() => _steps.Add((StepKind.EndItem, null));

    public void EndSequence() => _steps.Add((StepKind.EndSequence, null));

    /// <summary>Throws where one of them cannot be written.</summary>
    /// <exception cref="DicomParseException">An element cannot be written in the syntax.</exception>
    public void ThrowIfUnwritable(DataSetWriter writer, bool wasBigEndian)
    {
        foreach ((StepKind kind, DicomElement? element) in _steps)
        {
            if (kind == StepKind.BeginSequence)
            {
                writer.ThrowIfUnwritable(element!.Tag);
            }
            else if (kind == StepKind.Element)
            {
                writer.ThrowIfUnwritable(element!, wasBigEndian);
            }
        }
    }

    public void Clear()
    {
        _steps.Clear();
        _valueBytes = 0;
    }

    /// <summary>Writes them, and forgets them.</summary>
    public async Task WriteAsync(DataSetWriter writer, CancellationToken cancellationToken)
    {
        foreach ((StepKind kind, DicomElement? element) in _steps)
        {
            await (kind switch
            {
                StepKind.Element => writer.WriteAsync(element!, cancellationToken),
                StepKind.BeginSequence => writer.BeginSequenceAsync(element!.Tag, cancellationToken),
                StepKind.BeginItem => writer.BeginItemAsync(cancellationToken),
                StepKind.EndItem => writer.EndItemAsync(cancellationToken),
                _ => writer.EndSequenceAsync(cancellationToken),
            });
        }

        Clear();
    }
}
