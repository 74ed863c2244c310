using System.Buffers;
using System.Buffers.Binary;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>
/// Reads PDUs in order: returns the values of P-DATA-TF piece by piece as they arrive, and passes other PDUs to the state table.
/// </summary>
/// <remarks>An announced length is checked before any of its bytes is awaited.</remarks>
internal sealed class ValueReader(UpperLayerProvider layer, int maximumLength)
{
    private readonly byte[] _header = new byte[DataTransferPdu.PduHeaderSize];
    private uint _pduLeft;
    private uint _valueLeft;
    private uint _skip;
    private int _wholePdu;
    private bool _isValueOpen;
    private bool _isGarbage;
    private byte _contextId;
    private byte _control;

    /// <summary>Returns the next piece.</summary>
    /// <param name="isPump">The reader that lives as long as the connection; others get an exception if the association is over.</param>
    /// <param name="cancellationToken">Ends waiting; nothing is lost by it.</param>
    public async ValueTask<Fragment> ReadAsync(bool isPump, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!isPump)
            {
                layer.ThrowIfOver();
            }

            if (layer.IsClosed)
            {
                return Fragment.End;
            }

            if (TryTake(out Fragment fragment))
            {
                return fragment;
            }

            PduInput.Outcome outcome =
                await layer.Input.FillAsync(Needed(), _pduLeft > 0 || _wholePdu > 0, cancellationToken).ConfigureAwait(false);
            if (outcome == PduInput.Outcome.Ended)
            {
                await layer.HappenAsync(UpperLayerEvent.Evt17TransportClosed, null, CancellationToken.None).ConfigureAwait(false);
                if (isPump)
                {
                    return Fragment.End;
                }
            }
            else if (outcome == PduInput.Outcome.Filled)
            {
                await GoOnAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private int Needed()
    {
        if (_isGarbage || _skip > 0 || _isValueOpen)
        {
            return 1;
        }

        return _pduLeft > 0 ? DataTransferPdu.ValueHeaderSize : Math.Max(_wholePdu, DataTransferPdu.PduHeaderSize);
    }

    /// <summary>Takes a piece of the open value, if bytes of it have arrived or it has none left.</summary>
    private bool TryTake(out Fragment fragment)
    {
        fragment = default;
        if (_isGarbage || !_isValueOpen || (_valueLeft > 0 && layer.Input.Buffer.IsEmpty))
        {
            return false;
        }

        ReadOnlySequence<byte> bytes = layer.Input.Take(Math.Min(_valueLeft, layer.Input.Buffer.Length));
        _valueLeft -= (uint)bytes.Length;
        _pduLeft -= (uint)bytes.Length;
        _isValueOpen = _valueLeft > 0;
        fragment = new Fragment(_contextId, (_control & 1) != 0, (_control & 2) != 0 && !_isValueOpen, bytes);
        return true;
    }

    private ValueTask GoOnAsync(CancellationToken cancellationToken)
    {
        PduInput input = layer.Input;
        if (_isGarbage)
        {
            input.Take(input.Buffer.Length);
            return default;
        }

        if (_skip > 0)
        {
            _skip -= (uint)input.Take(Math.Min(_skip, input.Buffer.Length)).Length;
            return default;
        }

        if (_isValueOpen)
        {
            return default;
        }

        return _pduLeft > 0 ? OpenValueAsync(cancellationToken) : OpenPduAsync(cancellationToken);
    }

    private ValueTask OpenValueAsync(CancellationToken cancellationToken)
    {
        Span<byte> header = _header;
        layer.Input.Take(DataTransferPdu.ValueHeaderSize).CopyTo(header);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header);
        _pduLeft -= DataTransferPdu.ValueHeaderSize;
        if (length < 2 || length - 2 > _pduLeft)
        {
            return GiveUpAsync(
                AbortReason.InvalidParameterValue,
                $"A presentation data value of {length} bytes does not fit into its PDU.",
                cancellationToken);
        }

        _valueLeft = length - 2;
        if (_pduLeft - _valueLeft is > 0 and < DataTransferPdu.ValueHeaderSize)
        {
            return GiveUpAsync(
                AbortReason.InvalidParameterValue, "A P-DATA-TF goes on behind its last presentation data value.", cancellationToken);
        }

        _contextId = header[4];
        _control = header[5];
        _isValueOpen = true;
        return default;
    }

    private async ValueTask OpenPduAsync(CancellationToken cancellationToken)
    {
        PduInput input = layer.Input;
        input.Buffer.Slice(0, DataTransferPdu.PduHeaderSize).CopyTo(_header);
        PduType type = (PduType)_header[0];
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(2));
        if (type == PduType.DataTransfer)
        {
            input.Take(DataTransferPdu.PduHeaderSize);
            await OpenDataAsync(length, cancellationToken).ConfigureAwait(false);
        }
        else if (type is < PduType.AssociateRequest or > PduType.Abort && layer.State == UpperLayerState.Sta2TransportOpen)
        {
            layer.Break(new AssociationException(
                AssociationFault.ProtocolError, "The first bytes are not DICOM; they may be HTTP or TLS."));
        }
        else if (type is < PduType.AssociateRequest or > PduType.Abort)
        {
            await GiveUpAsync(AbortReason.UnrecognizedPdu, "The peer sent bytes that are not a PDU.", cancellationToken)
                .ConfigureAwait(false);
        }
        else if (length > PduReader.MaxLength)
        {
            await GiveUpAsync(
                AbortReason.InvalidParameterValue,
                $"The peer announced a PDU {type} of {length} bytes.",
                cancellationToken).ConfigureAwait(false);
        }
        else if (input.Buffer.Length < DataTransferPdu.PduHeaderSize + length)
        {
            _wholePdu = DataTransferPdu.PduHeaderSize + (int)length;
        }
        else
        {
            _wholePdu = 0;
            input.Take(DataTransferPdu.PduHeaderSize);
            await ReadPduAsync(type, input.Take(length), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask OpenDataAsync(uint length, CancellationToken cancellationToken)
    {
        if (length > maximumLength || length < DataTransferPdu.ValueHeaderSize)
        {
            await GiveUpAsync(
                AbortReason.InvalidParameterValue,
                $"The peer announced a P-DATA-TF of {length} bytes; at most {maximumLength} were agreed on.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        UpperLayerAction? action =
            await layer.HappenAsync(UpperLayerEvent.Evt10DataPduReceived, null, cancellationToken).ConfigureAwait(false);
        if (action is UpperLayerAction.DT2 or UpperLayerAction.AR6)
        {
            _pduLeft = length;
        }
        else
        {
            _skip = length;
        }
    }

    private async ValueTask ReadPduAsync(PduType type, ReadOnlySequence<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            Pdu pdu = PduReader.Read(type, body);
            await layer.HappenAsync(EventOf(type), pdu, cancellationToken).ConfigureAwait(false);
        }
        catch (PduException exception)
        {
            await GiveUpAsync(exception.Reason, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private static UpperLayerEvent EventOf(PduType type) => type switch
    {
        PduType.AssociateRequest => UpperLayerEvent.Evt6AssociateRequestPduReceived,
        PduType.AssociateAccept => UpperLayerEvent.Evt3AssociateAcceptPduReceived,
        PduType.AssociateReject => UpperLayerEvent.Evt4AssociateRejectPduReceived,
        PduType.ReleaseRequest => UpperLayerEvent.Evt12ReleaseRequestPduReceived,
        PduType.ReleaseResponse => UpperLayerEvent.Evt13ReleaseResponsePduReceived,
        PduType.Abort => UpperLayerEvent.Evt16AbortPduReceived,
        _ => UpperLayerEvent.Evt19InvalidPduReceived,
    };

    /// <summary>
    /// Aborts after an error that hides the start of the next PDU: all further bytes are dropped until the connection closes.
    /// </summary>
    private ValueTask GiveUpAsync(AbortReason reason, string message, CancellationToken cancellationToken)
    {
        _isGarbage = true;
        _isValueOpen = false;
        return layer.InvalidAsync(reason, message, cancellationToken);
    }
}

/// <summary>A piece of a presentation data value as it arrived (PS3.8 section 9.3.5.1, annex E.2).</summary>
/// <param name="ContextId">The presentation context.</param>
/// <param name="IsCommand">It belongs to a command set, not to a data set.</param>
/// <param name="IsLast">The command set or data set ends with it.</param>
/// <param name="Bytes">Valid until the next piece is read.</param>
internal readonly record struct Fragment(byte ContextId, bool IsCommand, bool IsLast, ReadOnlySequence<byte> Bytes)
{
    /// <summary>The connection is closed: nothing follows.</summary>
    public bool IsEnd { get; private init; }

    public static Fragment End { get; } = new() { IsEnd = true };
}
