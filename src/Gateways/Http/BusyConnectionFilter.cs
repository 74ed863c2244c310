using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Tells the listener which connections serve a request, in front of everything else.</summary>
internal sealed class BusyConnectionFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, following) =>
        {
            BoundedConnection? connection = BoundedConnection.Of(context);
            connection?.BeginWork();
            try
            {
                await following(context);
            }
            finally
            {
                connection?.EndWork();
            }
        });
        next(app);
    };
}
