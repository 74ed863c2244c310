using System.Diagnostics;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.BadInput;

/// <summary>Another process that holds an exclusive transaction on a SQLite file until it is disposed.</summary>
internal sealed class DatabaseLock : IAsyncDisposable
{
    private const string Script = """
        import sqlite3, sys
        database = sqlite3.connect(sys.argv[1], isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        print("locked", flush=True)
        sys.stdin.readline()
        database.execute("ROLLBACK")
        """;

    private static readonly Regex Locked = new("locked", RegexOptions.CultureInvariant);
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private DatabaseLock(Process process) => _process = process;

    public static async Task<DatabaseLock> TakeAsync(string database)
    {
        ProcessStartInfo start = new(Tools.Python, ["-c", Script, database])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        DatabaseLock taken = new(Process.Start(start)!);
        await new ProcessOutput(taken._process).WaitForAsync(Locked, TestTimeout);
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using CancellationTokenSource deadline = new(TestTimeout);
        await _process.WaitForExitAsync(deadline.Token);
        _process.Dispose();
    }
}
