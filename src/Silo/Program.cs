using ImagingIngestion.Silo;

return await SiloCommand.InvokeAsync(args, CancellationToken.None);
