// Real servers share the machine: one test at a time keeps their timing honest.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
