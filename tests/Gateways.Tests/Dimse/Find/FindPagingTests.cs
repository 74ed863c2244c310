using System.Globalization;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Tests.Wado;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Gateways.Tests.Dimse.Find;

/// <summary>Queries with more matches than one page of the store.</summary>
public sealed class FindPagingTests
{
    private const int Instances = 205;

    [Fact]
    public async Task More_matches_than_a_page_all_come_once()
    {
        await using FindHost host = await FindHost.StartAsync();
        await StoreAsync(host);
        await using FindScu scu = await host.AssociateAsync();

        FindReplies replies = await scu.FindAsync("IMAGE", (DicomTag.StudyInstanceUID, "1.2.3"), (DicomTag.SeriesInstanceUID, "1.2.3.1"));

        Assert.Equal(Instances, replies.Values(DicomTag.SOPInstanceUID).Distinct().Count());
        Assert.Equal(Instances, replies.Matches.Count);
        Assert.Equal(DimseStatus.Success, replies.Final.Status);
    }

    [Fact]
    public async Task A_cancel_ends_a_query_between_its_responses()
    {
        await using FindHost host = await FindHost.StartAsync(manifest => new FirstPageOnly(manifest));
        await StoreAsync(host);
        await using FindScu scu = await host.AssociateAsync();
        DataSetBuilder identifier = FindScu.Identifier(
            "IMAGE", (DicomTag.StudyInstanceUID, "1.2.3"), (DicomTag.SeriesInstanceUID, "1.2.3.1"));

        OutgoingOperation operation = await scu.InvokeAsync(identifier.Encode(Syntax.WireOf(Syntax.ExplicitLittle)));
        DimseReply first = await operation.ReadAsync(CancellationToken.None);
        await operation.CancelAsync(CancellationToken.None);
        FindReplies rest = await scu.ReadAsync(operation);

        Assert.True(first.Response.Status.IsPending);
        Assert.Equal(DimseStatus.Cancel, rest.Final.Status);
        Assert.True(rest.Matches.Count < Instances - 1);
        Assert.Equal(DimseStatus.Success, (await scu.FindAsync("STUDY", (DicomTag.StudyInstanceUID, ""))).Final.Status);
    }

    private static async Task StoreAsync(FindHost host)
    {
        for (int number = 1; number <= Instances; number++)
        {
            await host.StoreAsync(new RetrieveInstance { Sop = string.Create(CultureInfo.InvariantCulture, $"1.2.3.1.{number}") });
        }
    }

    /// <summary>The real manifest, whose second page blocks until the search is cancelled.</summary>
    private sealed class FirstPageOnly(IManifestQuery manifest) : IManifestQuery
    {
        public async Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken)
        {
            if (request.After is not null)
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }

            return await manifest.SearchAsync(request, cancellationToken);
        }

        public IAsyncEnumerable<StoredInstance> RetrieveAsync(
            RetrieveScope scope, StoredInstanceParts parts, CancellationToken cancellationToken)
            => manifest.RetrieveAsync(scope, parts, cancellationToken);

        public Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
            ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken)
            => manifest.FindInstancesAsync(provider, instances, cancellationToken);
    }
}
