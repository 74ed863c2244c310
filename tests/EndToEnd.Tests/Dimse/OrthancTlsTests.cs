using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Bindings;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Dimse;

/// <summary>
/// Orthanc with DICOM over TLS: it stores into us, and a binding of ours stores into it; both sides ask for the other's certificate.
/// </summary>
public sealed class OrthancTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tools.Orthanc)]
    public async Task Instances_pass_both_ways_over_TLS()
    {
        TlsFiles tls = new(_folder.Sub("tls"));
        await using OrthancServer orthanc = await OrthancServer.StartAsync(
            _folder.Sub("orthanc"),
            new Uri("http://127.0.0.1:9/"),
            ("DicomTlsEnabled", true),
            ("DicomTlsCertificate", tls.Certificate),
            ("DicomTlsPrivateKey", tls.Key),
            ("DicomTlsTrustedCertificates", tls.AuthorityPem),
            ("DicomTlsRemoteCertificateRequired", true));
        string[] binding =
        [
            "DIMSE_TARGET_HOST=127.0.0.1",
            $"DIMSE_TARGET_PORT={orthanc.DicomPort}",
            "DIMSE_TARGET_AE=ORTHANC",
            "DIMSE_TLS_ENABLED=true",
            $"DIMSE_TLS_KEYSTORE={tls.OwnPem}",
            $"DIMSE_TLS_TRUSTSTORE={tls.AuthorityPem}"
        ];
        await using Server ours = await Server.StartAsync(
            _folder.Sub("ours"), ["env", .. tls.Server("required"), .. binding.Select(key => "IMAGING__BINDINGS__ARCHIVE__" + key)]);
        TestInstance theirs = new("tls orthanc sends") { PixelData = new byte[50_000] };
        await PostAsync(orthanc, "instances", new ByteArrayContent(theirs.ToPart10()));
        using StringContent modality = new(new JsonObject
        {
            ["AET"] = "DICOM-INGEST",
            ["Host"] = "127.0.0.1",
            ["Port"] = ours.DimsePort,
            ["UseDicomTls"] = true
        }.ToJsonString());
        using HttpResponseMessage known = await orthanc.Client.PutAsync("modalities/ours", modality);
        known.EnsureSuccessStatusCode();

        JsonNode lookup = await PostAsync(orthanc, "tools/lookup", new StringContent(theirs.SopUid));
        await PostAsync(orthanc, "modalities/ours/store", new StringContent(lookup[0]!["ID"]!.GetValue<string>()), ours);
        IReadOnlyList<StoredPath> stored = await ours.StoreFilesAsync(BindingSource.Study("tls to orthanc", 20).Files());

        Assert.Single(await ours.Client.FindAsync(new StoredPath(theirs.StudyUid, theirs.SeriesUid, theirs.SopUid)));
        Assert.True(await ours.WaitUntilDeliveredAsync() == 0, await ours.DeadLettersAsync());
        await StowToOrthancTests.AssertHeldAsync(orthanc, ours, [.. stored]);
    }

    private static async Task<JsonNode> PostAsync(OrthancServer orthanc, string path, HttpContent content, Server? ours = null)
    {
        using HttpContent sent = content;
        using HttpResponseMessage response = await orthanc.Client.PostAsync(path, sent);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}{Environment.NewLine}{ours?.Output}");
        return JsonNode.Parse(text)!;
    }
}
