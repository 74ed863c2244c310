using ImagingIngestion.Gateways;

return await GatewayCommand.InvokeAsync(args, CancellationToken.None);
