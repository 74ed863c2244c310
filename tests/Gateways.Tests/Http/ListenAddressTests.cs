using ImagingIngestion.Gateways.Http;

namespace ImagingIngestion.Gateways.Tests.Http;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::]:8080/", "http://127.0.0.1:8080")]
    [InlineData("http://*:8080", "http://127.0.0.1:8080")]
    [InlineData("http://+:8080", "http://127.0.0.1:8080")]
    [InlineData("http://10.0.0.7:8080/", "http://10.0.0.7:8080")]
    public void An_address_of_all_interfaces_is_called_on_the_loopback_one(string listening, string reachable)
        => Assert.Equal(reachable, ListenAddress.Reachable(listening));

    [Theory]
    [InlineData("https://pacs.example.org", "https://pacs.example.org/wado-rs")]
    [InlineData("https://pacs.example.org/x/", "https://pacs.example.org/x/wado-rs")]
    [InlineData("https://pacs.example.org/dicom-web", "https://pacs.example.org/dicom-web")]
    public void A_configured_url_may_name_its_service(string configured, string root)
        => Assert.Equal(root, RequestUrls.RetrieveBelow(configured, "/wado-rs"));
}
