using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Manifest.Tests.Background;

public sealed class SupervisedLoopTests
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    private readonly FakeLogCollector _log = new();
    private readonly SkippedTime _time = new(_ => true);
    private readonly Supervision _supervision;

    public SupervisedLoopTests() => _supervision = new Supervision(_time, _log.ToFactory());

    [Fact]
    public async Task Of_many_failures_the_first_and_every_twentieth_are_logged_and_the_end_of_them()
    {
        int tries = 0;
        SupervisedLoop loop = _supervision.Loop("counting");

        await loop.RunAsync(
            _ => ++tries <= 45 ? throw new ManifestUnavailableException("The store is away.") : Task.CompletedTask,
            CancellationToken.None).WaitAsync(TestTimeout);

        Assert.Equal(
            [
                (LogLevel.Warning, "The work \"counting\" failed (1 times in a row) and is tried again until it succeeds"),
                (LogLevel.Warning, "The work \"counting\" failed (21 times in a row) and is tried again until it succeeds"),
                (LogLevel.Warning, "The work \"counting\" failed (41 times in a row) and is tried again until it succeeds"),
                (LogLevel.Information, "The work \"counting\" works again after 45 failures"),
            ],
            _log.GetSnapshot().Select(record => (record.Level, record.Message)));
    }

    [Fact]
    public async Task Pauses_grow_up_to_the_limit_and_begin_anew_with_a_success()
    {
        int tries = 0;
        SupervisedLoop loop = _supervision.Loop("pausing", TimeSpan.FromSeconds(1));

        await loop.RunAsync(
            _ =>
            {
                if (++tries == 8)
                {
                    loop.Succeed();
                }

                return tries <= 8 ? throw new InvalidOperationException("broken") : Task.CompletedTask;
            },
            CancellationToken.None).WaitAsync(TestTimeout);

        Assert.Equal(8, _time.Pauses.Count);
        Assert.All(
            _time.Pauses.Zip([100, 200, 400, 800, 1000, 1000, 1000, 100]),
            pause => Assert.InRange(pause.First.TotalMilliseconds, pause.Second / 2.0, pause.Second));
        Assert.Equal(2, _log.GetSnapshot().Count(record => record.Level == LogLevel.Error));
    }

    [Fact]
    public async Task A_failure_is_listed_until_something_succeeds_and_names_no_text_of_strangers()
    {
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource mended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource stop = new();
        SupervisedLoop loop = _supervision.Loop("working");
        int tries = 0;
        Task running = loop.RunAsync(
            async token =>
            {
                if (++tries == 1)
                {
                    throw new InvalidOperationException("DOE^JANE");
                }

                failed.TrySetResult();
                await mended.Task.WaitAsync(token);
                loop.Succeed();
                await Task.FromCanceled(await UntilAsync(token));
            },
            stop.Token);

        await failed.Task.WaitAsync(TestTimeout);
        (string name, string text) = Assert.Single(_supervision.Faults);
        mended.SetResult();
        await stop.CancelAsync();
        await running.WaitAsync(TestTimeout);

        Assert.Equal(("working", "failed 1 times in a row since 2026-01-02T03:04:05Z: InvalidOperationException"), (name, text));
        Assert.Empty(_supervision.Faults);
    }

    [Fact]
    public async Task A_cancellation_of_something_else_is_a_failure_and_not_the_end()
    {
        int tries = 0;

        await _supervision
            .Loop("asking")
            .RunAsync(_ => ++tries == 1 ? throw new OperationCanceledException() : Task.CompletedTask, CancellationToken.None)
            .WaitAsync(TestTimeout);

        Assert.Equal(2, tries);
    }

    private static async Task<CancellationToken> UntilAsync(CancellationToken token)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = token.Register(() => cancelled.TrySetResult());
        await cancelled.Task;
        return token;
    }
}
