using System.Text.Json;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Bindings and dead letters as JSON.</summary>
internal static class BindingJson
{
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using Utf8JsonWriter json = new(context.Response.BodyWriter);
        write(json);
        await json.FlushAsync(context.RequestAborted);
    }

    public static void WriteBinding(Utf8JsonWriter json, BindingStatus binding, bool isDeclared)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, binding.Name);
        json.WriteString("kind"u8, binding.Kind);
        json.WriteBoolean("isDeclared"u8, isDeclared);
        json.WriteBoolean("isPaused"u8, binding.IsPaused);
        json.WriteBoolean("isInSnapshot"u8, binding.IsInSnapshot);
        json.WriteNumber("cursor"u8, binding.Cursor);
        json.WriteNumber("waiting"u8, binding.Waiting);
        json.WriteNumber("deadLetters"u8, binding.DeadLetters);
        if (binding.OldestWaitingSince is { } since)
        {
            json.WriteString("oldestWaitingSince"u8, since.UtcDateTime);
        }

        json.WriteEndObject();
    }

    public static void WriteDeadLetter(Utf8JsonWriter json, DeadLetter letter)
    {
        Delivery delivery = letter.Delivery;
        json.WriteStartObject();
        json.WriteNumber("id"u8, delivery.Id);
        json.WriteString("deadSince"u8, letter.DeadSince.UtcDateTime);
        json.WriteString("type"u8, delivery.Type.Name());
        json.WriteString("provider"u8, delivery.Study.Provider.Value);
        json.WriteString("studyInstanceUID"u8, delivery.Study.Study.Value);
        if (delivery.Instance is { } instance)
        {
            json.WriteString("seriesInstanceUID"u8, instance.Series.Value);
            json.WriteString("sopInstanceUID"u8, instance.Sop.Value);
        }

        if (delivery.Change is { } change)
        {
            json.WriteString("change"u8, change == ChangeKind.Modification ? "modification" : "addition");
        }

        if (delivery.Revision is { } revision)
        {
            json.WriteNumber("revision"u8, revision);
        }

        json.WriteNumber("sequence"u8, delivery.Sequence);
        json.WriteNumber("attempts"u8, delivery.Attempts);
        json.WriteString("error"u8, letter.Error);
        json.WriteEndObject();
    }
}
