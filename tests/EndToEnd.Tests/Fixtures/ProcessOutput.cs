using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace ImagingIngestion.EndToEnd.Tests.Fixtures;

/// <summary>Collects the output of a process, and waits for text in it.</summary>
internal sealed class ProcessOutput
{
    private readonly StringBuilder _text = new();
    private readonly Lock _lock = new();
    private readonly List<(Regex Pattern, TaskCompletionSource<Match> Found)> _awaited = [];
    private readonly ProcessOutput? _all;
    private string? _end;

    /// <summary>Collects the output of several processes, each of which gets this one.</summary>
    public ProcessOutput()
    {
    }

    /// <param name="process">Its standard output and error are redirected.</param>
    /// <param name="all">Receives the same lines.</param>
    public ProcessOutput(Process process, ProcessOutput? all = null)
    {
        _all = all;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => End($"The process ended.{Environment.NewLine}{this}");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Returns the first match in the output so far or later; fails when the process ends or the time is over.</summary>
    public async Task<Match> WaitForAsync(Regex pattern, TimeSpan timeout)
    {
        TaskCompletionSource<Match> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (pattern.Match(_text.ToString()) is { Success: true } match)
            {
                return match;
            }

            if (_end is not null)
            {
                throw new InvalidOperationException(_end);
            }

            _awaited.Add((pattern, found));
        }

        try
        {
            return await found.Task.WaitAsync(timeout);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Nothing like '{pattern}' within {timeout}. It said:{Environment.NewLine}{this}", exception);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _text.ToString();
        }
    }

    private void Append(string? line)
    {
        if (line is null)
        {
            return;
        }

        _all?.Append(line);
        lock (_lock)
        {
            _text.AppendLine(line);
            if (_awaited.Count == 0)
            {
                return;
            }

            string all = _text.ToString();
            foreach ((Regex pattern, TaskCompletionSource<Match> found) in _awaited)
            {
                if (pattern.Match(all) is { Success: true } match)
                {
                    found.TrySetResult(match);
                }
            }

            _awaited.RemoveAll(entry => entry.Found.Task.IsCompleted);
        }
    }

    private void End(string message)
    {
        lock (_lock)
        {
            _end = message;
        }

        Fail(message);
        _all?.Fail(message);
    }

    private void Fail(string message)
    {
        lock (_lock)
        {
            foreach ((_, TaskCompletionSource<Match> found) in _awaited)
            {
                found.TrySetException(new InvalidOperationException(message));
            }
        }
    }
}
