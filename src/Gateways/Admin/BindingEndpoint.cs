using System.Text.Json;
using ImagingIngestion.Bindings;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Shows, pauses and removes bindings.</summary>
internal sealed class BindingEndpoint(IBindingAdministration administration, IOptions<BindingsOptions> options)
{
    /// <summary>The bindings that this process runs, which cannot be removed while it does.</summary>
    private readonly HashSet<string> _declared = [.. options.Value.Declared.Select(binding => binding.Name)];

    public async Task ListAsync(HttpContext context)
    {
        IReadOnlyList<BindingStatus> bindings = await administration.ListAsync(context.RequestAborted);
        await BindingJson.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("bindings"u8);
            foreach (BindingStatus binding in bindings)
            {
                BindingJson.WriteBinding(json, binding, _declared.Contains(binding.Name));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task ShowAsync(HttpContext context)
    {
        string name = Name(context);
        BindingStatus? binding = (await administration.ListAsync(context.RequestAborted)).FirstOrDefault(known => known.Name == name);
        await (binding is null
            ? WriteUnknownAsync(context)
            : BindingJson.WriteAsync(context, json => BindingJson.WriteBinding(json, binding, _declared.Contains(binding.Name))));
    }

    public Task PauseAsync(HttpContext context) => SetPausedAsync(context, isPaused: true);

    public Task ResumeAsync(HttpContext context) => SetPausedAsync(context, isPaused: false);

    public async Task RemoveAsync(HttpContext context)
    {
        string name = Name(context);
        if (_declared.Contains(name))
        {
            await Problem.WriteAsync(context, 409, "The binding is declared", "This process runs the binding and would make it known "
                + "again. Take its settings away, start the process again, then remove it.");
        }
        else if (await administration.RemoveAsync(name, context.RequestAborted))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await WriteUnknownAsync(context);
        }
    }

    /// <summary>Answers a name that no binding has.</summary>
    public static Task WriteUnknownAsync(HttpContext context)
        => Problem.WriteAsync(context, 404, "No such binding", $"No binding has this name; GET {BindingRegistration.Path} lists them.");

    public static string Name(HttpContext context) => context.GetRouteValue("binding") as string ?? "";

    private async Task SetPausedAsync(HttpContext context, bool isPaused)
    {
        if (await administration.SetPausedAsync(Name(context), isPaused, context.RequestAborted))
        {
            await ShowAsync(context);
        }
        else
        {
            await WriteUnknownAsync(context);
        }
    }
}

/// <summary>Writes bindings and dead letters as JSON.</summary>
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
