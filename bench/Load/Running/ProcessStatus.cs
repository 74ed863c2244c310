using System.Globalization;
using ImagingIngestion.Load.Http;

namespace ImagingIngestion.Load.Running;

/// <summary>Memory of a process as Linux counts it, in megabytes of 2^20 bytes.</summary>
public static class ProcessStatus
{
    /// <summary>Resident memory now.</summary>
    public static double ResidentMb(int processId) => Read(processId, "VmRSS:");

    /// <summary>The most resident memory since the process began.</summary>
    public static double PeakMb(int processId) => Read(processId, "VmHWM:");

    private static double Read(int processId, string field)
    {
        foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")))
        {
            if (line.StartsWith(field, StringComparison.Ordinal))
            {
                string kilobytes = line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
                return double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024;
            }
        }

        throw new LoadException($"process {processId} has no {field}");
    }
}
