using System.Data.Common;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads what claiming and closing a revision need.</summary>
internal static class RevisionRow
{
    /// <summary>The columns of the tables <c>instance i</c> and <c>series r</c>.</summary>
    public const string InstanceColumns =
        "r.series_uid, i.sop_uid, i.sop_class_uid, i.instance_number, i.added_revision, i.changed_revision";

    /// <summary>Reads an instance that a revision holds.</summary>
    public static RevisionInstance Instance(DbDataReader rows)
        => new(
            Id(rows), new SopClassUid(rows.GetString(2)), rows.IsDBNull(3) ? null : rows.GetInt64(3), rows.GetInt32(4), rows.GetInt32(5));

    /// <summary>Reads the series and the instance from the first two columns.</summary>
    public static InstanceId Id(DbDataReader rows) => new(new SeriesInstanceUid(rows.GetString(0)), new SopInstanceUid(rows.GetString(1)));

    /// <summary>Reads provider, study, revision and token of a claim.</summary>
    public static RevisionClaim Claim(DbDataReader rows, int first = 0)
        => new(
            new StudyKey(new ProviderName(rows.GetString(first)), new StudyInstanceUid(rows.GetString(first + 1))),
            rows.GetInt32(first + 2),
            rows.GetInt64(first + 3));
}
