using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Shows, pauses and removes bindings.</summary>
internal sealed class BindingEndpoint(IBindingAdministration administration, IReadOnlySet<string> declared)
{
    public async Task ListAsync(HttpContext context)
    {
        IReadOnlyList<BindingStatus> bindings = await administration.ListAsync(context.RequestAborted);
        await BindingJson.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("bindings"u8);
            foreach (BindingStatus binding in bindings)
            {
                BindingJson.WriteBinding(json, binding, declared.Contains(binding.Name));
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
            : BindingJson.WriteAsync(context, json => BindingJson.WriteBinding(json, binding, declared.Contains(binding.Name))));
    }

    public Task PauseAsync(HttpContext context) => SetPausedAsync(context, isPaused: true);

    public Task ResumeAsync(HttpContext context) => SetPausedAsync(context, isPaused: false);

    public async Task RemoveAsync(HttpContext context)
    {
        string name = Name(context);
        if (declared.Contains(name))
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

    /// <summary>The answer to a name that no binding has.</summary>
    public static Task WriteUnknownAsync(HttpContext context)
        => Problem.WriteAsync(context, 404, "No such binding", $"No binding has this name; GET {BindingRoutes.Path} lists them.");

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
