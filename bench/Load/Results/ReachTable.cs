using ImagingIngestion.Load.Scenarios;

namespace ImagingIngestion.Load.Results;

/// <summary>The figures to reach; <c>docs/performance.md</c> lists them in words.</summary>
public static class ReachTable
{
    private const string P50 = "p50";
    private const string P99 = "p99";

    private static readonly Reach[] All =
    [
        new("header", FigureNames.HeaderTime) { AtMost = 10 },
        new("stow", FigureNames.StowRate(4, 1)) { TimesOrthanc = 1.5, DurableThreads = 4 },
        new("stow", FigureNames.StowRate(8, 20)) { TimesOrthanc = 3, DurableThreads = 8 },
        new("dimse", FigureNames.StorescuRate) { AtLeast = 100, TimesOrthanc = 5 },
        new("dimse", FigureNames.StoreRate(8)) { TimesOrthanc = 3, DurableThreads = 8 },
        new("memory", FigureNames.MemoryPeakStore) { AtMost = 350 },
        new("memory", FigureNames.MemoryPeakLength) { AtMost = 350 },
        new("memory", FigureNames.MemoryPeakChunked) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Json)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Xml)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Search)) { AtMost = 350 },
        new(HeaderReadScenario.Name, FigureNames.HeaderReadPeak(HeaderRead.Transcoded)) { AtMost = 350 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.PatientNameWildcard, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.PatientNameWildcard, 1)) { TimesOrthanc = 10 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.DateRange, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.DateRange, 1)) { TimesOrthanc = 10 },
        new("qido", FigureNames.QidoLatency(P99, QidoSearch.ModalityCode, 1)) { AtMost = 20 },
        new("qido", FigureNames.QidoLatency(P50, QidoSearch.ModalityCode, 1)) { TimesOrthanc = 10 },
        new("metadata", FigureNames.MetadataWarm) { AtMost = 150, TimesOrthanc = 20 },
        new("wado", FigureNames.StudyRate) { TimesNginx = 0.6 },
        new("startup", FigureNames.StartToReady("ReadyToRun")) { AtMost = 600 },
        new("startup", FigureNames.IdleResident("ReadyToRun")) { AtMost = 120 },
        new("contention", FigureNames.OneStudyRate) { TimesBaseline = 0.5 },
        new("million-sqlite", FigureNames.StowRate(8, 1)) { TimesBaseline = 0.9 },
        new("million-sqlite", FigureNames.StowRate(8, 20)) { TimesBaseline = 0.9 },
        new("million-sqlite", FigureNames.StoreRate(8)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StowRate(8, 1)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StowRate(8, 20)) { TimesBaseline = 0.9 },
        new("million-postgresql", FigureNames.StoreRate(8)) { TimesBaseline = 0.9 },
        new("memory-s3", FigureNames.MemoryPeakStore) { AtMost = 350 },
        new("memory-s3", FigureNames.MemoryPeakLength) { AtMost = 350 },
        new("memory-s3", FigureNames.MemoryPeakChunked) { AtMost = 350 },
    ];

    public static Reach? Find(FigureGroup group)
        => All.FirstOrDefault(reach => reach.Scenario == group.Scenario && reach.Figure == group.Figure);
}
