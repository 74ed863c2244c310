using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

public sealed class ComparisonTests
{
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    public static TheoryData<string, string, bool> Pairs
    {
        get
        {
            string[] native =
            [
                TransferSyntax.ImplicitVRLittleEndian.Uid, TransferSyntax.ExplicitVRLittleEndian.Uid,
                TransferSyntax.ExplicitVRBigEndian.Uid, TransferSyntax.DeflatedExplicitVRLittleEndian.Uid,
            ];
            TheoryData<string, string, bool> pairs = [];
            foreach (string stored in native.Append(Jpeg))
            {
                foreach (string arriving in native.Append(Jpeg))
                {
                    pairs.Add(stored, arriving, stored != arriving && stored != Jpeg && arriving != Jpeg);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Content_is_compared_exactly_between_different_uncompressed_syntaxes(string stored, string arriving, bool isCompared)
    {
        StudyGrainFixture study = new(DuplicatePolicy.Reject);
        InstanceArrival first = In(stored, study.Arrival(1, "x"));
        study.Store(first);

        StoreAnswer answer = study.Decide(In(arriving, study.Arrival(1, "y")));

        Assert.Equal(isCompared ? StoreAnswer.Kind.CompareContent : StoreAnswer.Kind.Rejected, answer.Outcome);
        Assert.Equal(first.State, answer.Committed);
        Assert.Null(study.Commit());
    }

    [Theory]
    [InlineData(true, StoreAnswer.Kind.Duplicate)]
    [InlineData(false, StoreAnswer.Kind.Replaced)]
    public void A_comparison_decides(bool isEqual, StoreAnswer.Kind outcome)
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x"));
        InstanceArrival second = In(TransferSyntax.ImplicitVRLittleEndian.Uid, study.Arrival(1, "y")) with
        {
            Comparison = new ContentComparison(Samples.Hash("x"), isEqual),
        };

        Assert.Equal(outcome, study.Store(second).Outcome);
    }

    [Fact]
    public void A_comparison_with_what_is_no_longer_stored_is_asked_for_again()
    {
        StudyGrainFixture study = new();
        study.Store(study.Arrival(1, "x"));
        study.Store(study.Arrival(1, "z"));
        InstanceArrival second = In(TransferSyntax.ImplicitVRLittleEndian.Uid, study.Arrival(1, "y")) with
        {
            Comparison = new ContentComparison(Samples.Hash("x"), IsEqual: true),
        };

        Assert.Equal(StoreAnswer.Kind.CompareContent, study.Decide(second).Outcome);
    }

    private static InstanceArrival In(string syntax, InstanceArrival arrival)
        => arrival with { State = arrival.State with { TransferSyntaxUid = syntax } };
}
