using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>Finds the instances that an identifier asks for.</summary>
internal sealed class RetrieveSelection(IManifestQuery manifest, ServedSpace space)
{
    /// <summary>The limit of the counters of sub-operations, which have 16 bits (PS3.7 section E.1).</summary>
    public const int MaxItems = ushort.MaxValue;

    private const int StudiesPerPage = 200;

    /// <summary>Returns null if there are more than can be counted.</summary>
    public async Task<IReadOnlyList<RetrieveItem>?> SelectAsync(RetrieveIdentifier identifier, CancellationToken cancellationToken)
    {
        List<RetrieveItem> items = [];

        // Each row has its own strings; equal ones are shared.
        Dictionary<string, string> shared = [];
        SeriesInstanceUid series = default;
        await foreach (RetrieveScope scope in ScopesAsync(identifier, cancellationToken))
        {
            await foreach (StoredInstance stored in manifest.RetrieveAsync(scope, StoredInstanceParts.None, cancellationToken))
            {
                if (items.Count == MaxItems)
                {
                    return null;
                }

                InstanceState state = stored.State;
                series = state.Id.Series == series ? series : state.Id.Series;
                items.Add(new RetrieveItem(
                    scope.Study.Study,
                    new InstanceId(series, state.Id.Sop),
                    Share(shared, state.SopClass.Value),
                    Share(shared, state.TransferSyntaxUid)));
            }
        }

        return items;
    }

    private async IAsyncEnumerable<RetrieveScope> ScopesAsync(
        RetrieveIdentifier identifier, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (StudyInstanceUid study in StudiesAsync(identifier, cancellationToken))
        {
            StudyKey key = new(space.Provider, study);
            switch (identifier.Level)
            {
                case QueryLevel.Series:
                    foreach (SeriesInstanceUid series in identifier.Series)
                    {
                        yield return new RetrieveScope(key, series, null);
                    }

                    break;
                case QueryLevel.Image:
                    foreach (SopInstanceUid instance in identifier.Instances)
                    {
                        yield return new RetrieveScope(key, identifier.Series[0], instance);
                    }

                    break;
                default:
                    yield return new RetrieveScope(key, null, null);
                    break;
            }
        }
    }

    /// <summary>Returns the named studies; in the patient root those of the patient, limited to the named ones if there are any.</summary>
    private async IAsyncEnumerable<StudyInstanceUid> StudiesAsync(
        RetrieveIdentifier identifier, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (identifier.PatientIds.Count == 0)
        {
            foreach (StudyInstanceUid study in identifier.Studies)
            {
                yield return study;
            }

            yield break;
        }

        HashSet<StudyInstanceUid> named = [.. identifier.Studies];
        SearchPage? page = null;
        do
        {
            page = await manifest.SearchAsync(
                new SearchRequest
                {
                    Provider = space.Provider,
                    Level = SearchLevel.Study,
                    Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientID, identifier.PatientIds)],
                    Limit = StudiesPerPage,
                    After = page?.End,
                },
                cancellationToken);
            foreach (StudyInstanceUid study in page.Rows.Select(row => row.Study).Where(study => named.Count == 0 || named.Contains(study)))
            {
                yield return study;
            }
        }
        while (page.HasMore);
    }

    private static string Share(Dictionary<string, string> shared, string text)
    {
        if (!shared.TryGetValue(text, out string? first))
        {
            shared.Add(text, first = text);
        }

        return first;
    }
}
