using System.Globalization;
using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Results;

/// <summary>The words that name a figure, in one place, so that a scenario and its target figure always match.</summary>
public static class FigureNames
{
    public const string HeaderTime = "time per parse";
    public const string HeaderAllocation = "allocated per parse";
    public const string MetadataCold = "/metadata, first request";
    public const string MetadataWarm = "/metadata, p50 warm";
    public const string MetadataRate = "/metadata, warm";
    public const string StudyRate = "study, transfer-syntax=*";
    public const string MemoryBefore = "resident before";
    public const string MemoryPeakLength = "peak resident, Content-Length";
    public const string MemoryPeakChunked = "peak resident, chunked";
    public const string MemoryPeakStore = "peak resident, C-STORE";
    public const string StorescuRate = "instances, one storescu of DCMTK";
    public const string FindFirst = "C-FIND, first match";
    public const string FindRate = "C-FIND, matches";
    public const string FillRate = "fill, studies";
    public const string OneStudyRate = "instances of one study";

    public static string HeaderReadPeak(HeaderRead kind) => "peak resident, 30 MB header, " + kind switch
    {
        HeaderRead.Json => "/metadata JSON",
        HeaderRead.Xml => "/metadata XML",
        HeaderRead.Search => "includefield=all",
        _ => "implicit to explicit",
    };

    public static string Fdatasync(int threads) => Format($"fdatasync, {Many(threads, "thread")}");

    public static string DurableFiles(int threads) => Format($"durable 512 KB files, {Many(threads, "thread")}");

    public static string StowRate(int clients, int perRequest) => Format($"instances, {Many(clients, "client")} × {perRequest} a request");

    public static string StowLatency(string percentile, int clients, int perRequest)
        => Format($"request {percentile}, {Many(clients, "client")} × {perRequest} a request");

    public static string StoreRate(int associations) => Format($"instances, {Many(associations, "association")}");

    public static string StoreLatency(string percentile, int associations)
        => Format($"C-STORE {percentile}, {Many(associations, "association")}");

    public static string QidoLatency(string percentile, string search, int clients)
        => Format($"{search}, {percentile}, {Many(clients, "client")}");

    public static string StartToReady(string variant) => $"start to ready, {variant}";

    public static string IdleResident(string variant) => $"idle resident, {variant}";

    public static string IngestRate(int bindings, string kind) => Format($"instances stored, {Many(bindings, kind + " binding")}");

    public static string DeliveryRate(int bindings, string kind) => Format($"deliveries of each, {Many(bindings, kind + " binding")}");

    public static string DeliveryLatency(string percentile, int bindings, string kind)
        => Format($"event to delivery {percentile}, {Many(bindings, kind + " binding")}");

    public static string OneStudyLatency(string percentile) => $"{OneStudyRate}, request {percentile}";

    public static string RevisionRate(int studies) => Format($"revisions, {studies} studies due at once");

    private static string Many(int count, string noun) => Format($"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The names of the measured systems, which are the columns of the table.</summary>
public static class TargetNames
{
    public const string Ours = "ours";
    public const string Orthanc = "orthanc";
    public const string Nginx = "nginx";
    public const string Storescp = "storescp";
    public const string Disk = "disk";

    /// <summary>Ours in the state for comparison: an empty store, or one process.</summary>
    public const string Baseline = "baseline";
}
