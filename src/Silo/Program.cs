using ImagingIngestion.Silo.Startup;

return await SiloCommand.InvokeAsync(args, CancellationToken.None);
