using System.Globalization;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Registers what operators see and change of bindings and their dead letters.</summary>
public static class BindingRoutes
{
    internal const string Path = "/bindings";

    private const string Binding = Path + "/{binding}";
    private const string Letters = Binding + "/dead-letters";
    private const string Letter = Letters + "/{id}";

    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Delete = [HttpMethods.Delete];

    /// <summary>Maps <c>/bindings</c>; needs an <see cref="IBindingAdministration"/>.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="declared">The bindings that this process runs, which cannot be removed while it does.</param>
    public static IEndpointRouteBuilder MapBindings(this IEndpointRouteBuilder endpoints, IReadOnlyCollection<BindingOptions> declared)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        IBindingAdministration administration = services.GetRequiredService<IBindingAdministration>();
        RetrieveGuard guard = new(services.GetRequiredService<ILoggerFactory>().CreateLogger("ImagingIngestion.Gateways.Bindings"));
        BindingEndpoint bindings = new(administration, declared.Select(binding => binding.Name).ToHashSet());
        DeadLetterEndpoint letters = new(administration);

        Read(Path, bindings.ListAsync);
        Read(Binding, bindings.ShowAsync);
        Map(Post, Binding + "/pause", bindings.PauseAsync);
        Map(Post, Binding + "/resume", bindings.ResumeAsync);
        Map(Delete, Binding, bindings.RemoveAsync);
        Read(Letters, letters.ListAsync);
        Read(Letter, letters.ShowAsync);
        Map(Post, Letters + "/replay", letters.ReplayAsync);
        Map(Post, Letter + "/replay", letters.ReplayAsync);
        Map(Delete, Letters, letters.DropAsync);
        Map(Delete, Letter, letters.DropAsync);
        return endpoints;

        void Read(string path, Func<HttpContext, Task> handler) => Map(Get, path, handler);

        void Map(string[] methods, string path, Func<HttpContext, Task> handler)
            => endpoints.MapMethods(path, methods, context => guard.RunAsync(context, handler));
    }
}

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

    /// <summary>Null where the path names no dead letter but all of them.</summary>
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
