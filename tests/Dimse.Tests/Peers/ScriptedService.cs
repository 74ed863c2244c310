using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>Performs requests of one kind as a test tells.</summary>
internal sealed class ScriptedService<T>(Func<IncomingOperation, CancellationToken, Task> perform) : IDimseService
    where T : DimseRequest
{
    public bool Performs(DimseRequest request) => request is T;

    public Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken) => perform(operation, cancellationToken);
}
