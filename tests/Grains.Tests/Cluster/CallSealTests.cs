using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Grains.Tests.Cluster;

public sealed class CallSealTests
{
    private static readonly CallHead Head = new(CallHead.CallPath, "silo-1", new string('a', 32), 1000, false, CallSeal.HashOf("body"u8));
    private readonly CallSeal _seal = new("a-key-of-the-tests-with-thirty-two-or-more-characters");

    public static TheoryData<string, CallHead> Others => new()
    {
        { "path", Head with { Path = CallHead.ClockPath } },
        { "silo", Head with { Silo = "silo-2" } },
        { "nonce", Head with { Nonce = new string('b', 32) } },
        { "deadline", Head with { Deadline = 1001 } },
        { "forwarded", Head with { IsForwarded = true } },
        { "body", Head with { BodyHash = CallSeal.HashOf("Body"u8) } },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Everything_that_a_call_says_is_under_its_seal(string part, CallHead other)
        => Assert.False(CallSeal.AreEqual(_seal.Of(other), _seal.Of(Head)), part);

    [Fact]
    public void A_seal_needs_the_key()
    {
        Assert.True(CallSeal.AreEqual(_seal.Of(Head), _seal.Of(Head)));
        Assert.False(CallSeal.AreEqual(new CallSeal("another-key-of-the-tests-with-as-many-characters").Of(Head), _seal.Of(Head)));
        Assert.False(CallSeal.AreEqual(null, _seal.Of(Head)));
    }

    [Fact]
    public void An_answer_is_bound_to_its_call_its_time_and_its_body()
    {
        string answer = _seal.OfAnswer(Head.Nonce, 5, CallSeal.HashOf("x"u8));

        Assert.NotEqual(answer, _seal.OfAnswer(new string('b', 32), 5, CallSeal.HashOf("x"u8)));
        Assert.NotEqual(answer, _seal.OfAnswer(Head.Nonce, 6, CallSeal.HashOf("x"u8)));
        Assert.NotEqual(answer, _seal.OfAnswer(Head.Nonce, 5, CallSeal.HashOf("y"u8)));
    }

    /// <summary>HMAC-SHA256 computed by another implementation.</summary>
    [Fact]
    public void The_form_of_a_seal_is_pinned()
        => Assert.Equal("3d95190f607fe5c898364d10ad0b69c335f6a8e5d8644a2c89f32ca52801a2ad", _seal.Of(Head));
}
