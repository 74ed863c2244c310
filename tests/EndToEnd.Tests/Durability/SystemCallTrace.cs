using System.Globalization;
using System.Text.RegularExpressions;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>Reads the output of <c>strace -f -tt -y</c>.</summary>
internal static class SystemCallTrace
{
    /// <summary>The calls that the checker needs, as strace's filter.</summary>
    public const string Calls =
        "openat,fsync,fdatasync,rename,renameat,renameat2,linkat,mkdir,mkdirat,sendto,sendmsg,write,writev,pwrite64";

    private static readonly Regex Line = new(
        @"^(?<thread>\d+)\s+\d\d:\d\d:\d\d\.\d+ (?:<\.\.\. (?<resumed>\w+) resumed>(?<rest>.*)|(?<name>\w+)\((?<call>.*))$",
        RegexOptions.CultureInvariant);

    private static readonly Regex Returned = new(@"^(?<arguments>.*)\)\s+= (?<result>.*)$", RegexOptions.CultureInvariant);

    /// <summary>Returns the completed calls, in the order in which they began.</summary>
    /// <remarks>Signals, exits and calls cut off by the end of the process are left out.</remarks>
    public static IReadOnlyList<SystemCall> Parse(IEnumerable<string> lines)
    {
        const string Unfinished = "<unfinished ...>";
        Dictionary<int, (string Name, string Arguments, int Begin)> open = [];
        List<SystemCall> calls = [];
        foreach ((int number, string text) in lines.Index())
        {
            if (Line.Match(text) is not { Success: true } match)
            {
                continue;
            }

            int thread = int.Parse(match.Groups["thread"].Value, CultureInfo.InvariantCulture);
            (string name, string printed, int begin) = (match.Groups["name"].Value, match.Groups["call"].Value, number);
            if (match.Groups["resumed"].Success)
            {
                if (!open.Remove(thread, out (string Name, string Arguments, int Begin) first))
                {
                    continue;
                }

                (name, printed, begin) = (first.Name, first.Arguments + match.Groups["rest"].Value, first.Begin);
            }

            if (printed.EndsWith(Unfinished, StringComparison.Ordinal))
            {
                open[thread] = (name, printed[..^Unfinished.Length], begin);
            }
            else if (Returned.Match(printed) is { Success: true } returned)
            {
                calls.Add(new SystemCall(name, returned.Groups["arguments"].Value, returned.Groups["result"].Value, begin, number));
            }
        }

        return [.. calls.OrderBy(call => call.Begin)];
    }
}
