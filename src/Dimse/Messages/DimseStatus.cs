using System.Globalization;

namespace ImagingIngestion.Dimse.Messages;

/// <summary>The Status (0000,0900) of a response (PS3.7 annex C).</summary>
/// <param name="Code">The number on the wire.</param>
public readonly record struct DimseStatus(ushort Code)
{
    public static DimseStatus Success { get; } = new(0x0000);

    /// <summary>FF00: more responses follow, all keys were honoured.</summary>
    public static DimseStatus Pending { get; } = new(0xFF00);

    /// <summary>FF01: more responses follow, some optional keys were not supported (PS3.4 table C.4-1).</summary>
    public static DimseStatus PendingWithoutSomeKeys { get; } = new(0xFF01);

    /// <summary>FE00.</summary>
    public static DimseStatus Cancel { get; } = new(0xFE00);

    public static DimseStatus ProcessingFailure { get; } = new(0x0110);

    public static DimseStatus DuplicateInstance { get; } = new(0x0111);

    public static DimseStatus NoSuchInstance { get; } = new(0x0112);

    public static DimseStatus NoSuchEventType { get; } = new(0x0113);

    public static DimseStatus InvalidArgument { get; } = new(0x0115);

    public static DimseStatus SopClassNotSupported { get; } = new(0x0122);

    public static DimseStatus NoSuchAction { get; } = new(0x0123);

    public static DimseStatus NotAuthorized { get; } = new(0x0124);

    public static DimseStatus DuplicateInvocation { get; } = new(0x0210);

    public static DimseStatus UnrecognizedOperation { get; } = new(0x0211);

    public static DimseStatus MistypedArgument { get; } = new(0x0212);

    public static DimseStatus ResourceLimitation { get; } = new(0x0213);

    public static DimseStatus OutOfResources { get; } = new(0xA700);

    /// <summary>A701: the number of matches cannot be determined.</summary>
    public static DimseStatus OutOfResourcesForMatches { get; } = new(0xA701);

    /// <summary>A702: sub-operations cannot be performed.</summary>
    public static DimseStatus OutOfResourcesForSubOperations { get; } = new(0xA702);

    public static DimseStatus MoveDestinationUnknown { get; } = new(0xA801);

    /// <summary>A900: identifier or data set does not match the SOP class.</summary>
    public static DimseStatus DataSetDoesNotMatchSopClass { get; } = new(0xA900);

    /// <summary>B000 of C-GET and C-MOVE: some sub-operations failed or warned.</summary>
    public static DimseStatus SubOperationsWithFailures { get; } = new(0xB000);

    /// <summary>C000: the identifier or data set cannot be understood.</summary>
    public static DimseStatus CannotUnderstand { get; } = new(0xC000);

    public bool IsSuccess => Code == 0;

    public bool IsPending => Code is 0xFF00 or 0xFF01;

    public bool IsCancel => Code == 0xFE00;

    /// <summary>Performed, with a warning (PS3.7 section C.3).</summary>
    public bool IsWarning => (Code & 0xF000) == 0xB000 || Code is 0x0001 or 0x0107 or 0x0116;

    public bool IsFailure => !IsSuccess && !IsPending && !IsCancel && !IsWarning;

    public override string ToString() => Code.ToString("X4", CultureInfo.InvariantCulture);
}
