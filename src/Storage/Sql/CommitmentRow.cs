using System.Data.Common;
using ImagingIngestion.Manifest.Commitments;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads requests for storage commitment, and ends claims on them.</summary>
internal static class CommitmentRow
{
    /// <summary>The column that tells the age of the request, or when it came.</summary>
    public const int Age = 6;

    public const string IsHeld = "id = $1 AND token = $2 AND owner IS NOT NULL";
    public const string RemoveSql = $"DELETE FROM commitment WHERE {IsHeld}";

    /// <summary>
    /// Id, token, provider, calling and called AE title, Transaction UID, <see cref="Age"/>, attempts, count of references, references.
    /// </summary>
    /// <param name="rows">Stands on the row.</param>
    /// <param name="age">The age of the request in microseconds.</param>
    public static CommitmentClaim Read(DbDataReader rows, long age)
    {
        CommitmentRequest request = new()
        {
            Provider = new ProviderName(rows.GetString(2)),
            CallingAeTitle = rows.GetString(3),
            CalledAeTitle = rows.GetString(4),
            TransactionUid = rows.GetString(5),
            References = ReferenceText.Read(rows.GetFieldValue<byte[]>(9), rows.GetInt32(8)),
        };
        return new CommitmentClaim(rows.GetInt64(0), rows.GetInt64(1), request, TimeSpan.FromMicroseconds(age), rows.GetInt32(7));
    }
}
