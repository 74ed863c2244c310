using System.Globalization;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Lists, shows, replays and drops dead letters of a binding.</summary>
internal sealed class DeadLetterEndpoint(IBindingAdministration administration)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public async Task ListAsync(HttpContext context)
    {
        if (!TryRead(context, "after", 0, long.MaxValue, 0, out long after)
            || !TryRead(context, "limit", 1, MaxLimit, DefaultLimit, out long limit))
        {
            await Problem.WriteAsync(
                context,
                400,
                "Not a page",
                $"after must be the id of a dead letter, 0 for the beginning, and limit a whole number from 1 to {MaxLimit}.");
            return;
        }

        string binding = BindingEndpoint.Name(context);
        IReadOnlyList<DeadLetter> letters = await administration.ListDeadLettersAsync(binding, after, (int)limit, context.RequestAborted);
        if (letters.Count == 0 && !await ExistsAsync(context))
        {
            await BindingEndpoint.WriteUnknownAsync(context);
            return;
        }

        await BindingJson.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("deadLetters"u8);
            foreach (DeadLetter letter in letters)
            {
                BindingJson.WriteDeadLetter(json, letter);
            }

            json.WriteEndArray();
            if (letters.Count == limit)
            {
                json.WriteNumber("next"u8, letters[^1].Delivery.Id);
            }

            json.WriteEndObject();
        });
    }

    public async Task ShowAsync(HttpContext context)
    {
        DeadLetter? letter = TryReadId(context, out long? id) && id is { } number
            ? await administration.FindDeadLetterAsync(BindingEndpoint.Name(context), number, context.RequestAborted)
            : null;
        await (letter is null
            ? WriteNoLetterAsync(context)
            : BindingJson.WriteAsync(context, json => BindingJson.WriteDeadLetter(json, letter)));
    }

    public Task ReplayAsync(HttpContext context) => ChangeAsync(context, "replayed", administration.ReplayAsync);

    public Task DropAsync(HttpContext context) => ChangeAsync(context, "dropped", administration.DropAsync);

    private async Task ChangeAsync(HttpContext context, string verb, Func<string, long?, CancellationToken, Task<int>> change)
    {
        bool isId = TryReadId(context, out long? id);
        int count = isId ? await change(BindingEndpoint.Name(context), id, context.RequestAborted) : 0;
        if (count == 0 && (!isId || id is not null))
        {
            await WriteNoLetterAsync(context);
        }
        else if (count == 0 && !await ExistsAsync(context))
        {
            await BindingEndpoint.WriteUnknownAsync(context);
        }
        else
        {
            await BindingJson.WriteAsync(context, json =>
            {
                json.WriteStartObject();
                json.WriteNumber(verb, count);
                json.WriteEndObject();
            });
        }
    }

    private async Task<bool> ExistsAsync(HttpContext context)
    {
        string name = BindingEndpoint.Name(context);
        return (await administration.ListAsync(context.RequestAborted)).Any(binding => binding.Name == name);
    }

    /// <summary>Reads the id of the path, null if it means all dead letters; returns false if it is not a number.</summary>
    private static bool TryReadId(HttpContext context, out long? id)
    {
        id = null;
        if (context.GetRouteValue("id") is not string text)
        {
            return true;
        }

        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0;
        id = number;
        return isNumber;
    }

    private static bool TryRead(HttpContext context, string name, long least, long most, long fallback, out long value)
    {
        string? text = context.Request.Query[name];
        if (text is null)
        {
            value = fallback;
            return true;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
    }

    private static Task WriteNoLetterAsync(HttpContext context)
        => Problem.WriteAsync(
            context,
            404,
            "No such dead letter",
            "The binding has no dead letter with this id: it was replayed, dropped or superseded, or the id is another binding's.");
}
