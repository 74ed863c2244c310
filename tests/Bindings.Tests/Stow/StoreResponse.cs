using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Stow;

/// <summary>Writes the answers of a target (PS3.18 annex I).</summary>
internal static class StoreResponse
{
    /// <summary>An answer in DICOM JSON.</summary>
    /// <param name="stored">What it says is stored.</param>
    /// <param name="failed">What it says has failed, and why; no UID puts it into the other failures.</param>
    public static string Json(IEnumerable<string> stored, params (string? Sop, int? Reason)[] failed)
    {
        JsonObject module = [];
        Add(module, "00081199", stored.Select(sop => Item(sop, null)));
        Add(module, "00081198", failed.Where(one => one.Sop is not null).Select(one => Item(one.Sop, one.Reason)));
        Add(module, "0008119A", failed.Where(one => one.Sop is null).Select(one => Item(null, one.Reason)));
        return module.ToJsonString();
    }

    /// <summary>An answer in the Native DICOM Model with one failure.</summary>
    public static string Xml(string failed, int reason) => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="utf-8"?>
        <NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
          <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence"><Item number="1">
            <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID"><Value number="1">{failed}</Value></DicomAttribute>
            <DicomAttribute tag="00081197" vr="US" keyword="FailureReason"><Value number="1">{reason}</Value></DicomAttribute>
          </Item></DicomAttribute>
        </NativeDicomModel>
        """);

    public static async Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }

    private static JsonObject Item(string? sop, int? reason)
    {
        JsonObject item = [];
        if (sop is not null)
        {
            item["00081155"] = new JsonObject { ["vr"] = "UI", ["Value"] = new JsonArray(sop) };
        }

        if (reason is not null)
        {
            item["00081197"] = new JsonObject { ["vr"] = "US", ["Value"] = new JsonArray(reason.Value) };
        }

        return item;
    }

    private static void Add(JsonObject module, string tag, IEnumerable<JsonObject> items)
    {
        JsonNode[] all = [.. items];
        if (all.Length > 0)
        {
            module[tag] = new JsonObject { ["vr"] = "SQ", ["Value"] = new JsonArray(all) };
        }
    }
}
