// Each test starts some ten processes.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
