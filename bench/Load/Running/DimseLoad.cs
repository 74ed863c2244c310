using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Running;

/// <summary>Stores instances over several associations, each with one C-STORE after the other.</summary>
public sealed class DimseLoad : IAsyncDisposable
{
    private readonly Association[] _associations;
    private readonly InstanceWriter[] _writers;

    private DimseLoad(Association[] associations, InstanceWriter[] writers)
    {
        _associations = associations;
        _writers = writers;
    }

    /// <summary>Opens the associations.</summary>
    public static async Task<DimseLoad> ConnectAsync(
        ServerTarget target, InstanceTemplate template, int instancesPerStudy, int associations, CancellationToken cancellationToken)
    {
        Association[] opened = new Association[associations];
        for (int index = 0; index < opened.Length; index++)
        {
            opened[index] = await target.AssociateAsync(CtTemplate.CtImageStorage, cancellationToken);
        }

        return new DimseLoad(opened, [.. opened.Select(_ => new InstanceWriter(template, target.Run, instancesPerStudy))]);
    }

    /// <summary>Stores instances from an index on; each client of the plan is an association.</summary>
    public Task<LoadOutcome> RunAsync(LoadPlan plan, long firstIndex, CancellationToken cancellationToken)
        => LoadRunner.RunAsync(plan, (client, index, token) => StoreAsync(client, firstIndex + index, token), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (Association association in _associations)
        {
            await association.DisposeAsync();
        }
    }

    private async Task StoreAsync(int client, long index, CancellationToken cancellationToken)
    {
        Association association = _associations[client];
        InstanceWriter writer = _writers[client];
        CStoreRequest request = new() { SopClassUid = CtTemplate.CtImageStorage, SopInstanceUid = writer.Select(index) };
        OutgoingOperation operation =
            await association.InvokeAsync(association.Contexts[0], request, writer.WriteDataSetAsync, cancellationToken);
        DimseReply reply = await operation.ReadAsync(cancellationToken);
        if (!reply.Response.Status.IsSuccess)
        {
            throw new LoadException($"C-STORE was answered {reply.Response.Status}");
        }
    }
}
