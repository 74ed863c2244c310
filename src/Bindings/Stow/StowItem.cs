using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>One delivery on its way through a call, and what became of it.</summary>
internal sealed class StowItem(Delivery delivery)
{
    public Delivery Delivery { get; } = delivery;

    /// <summary>Valid for what is sent: a delivery without an instance is settled before.</summary>
    public InstanceId Instance => Delivery.Instance!.Value;

    public string SopInstanceUid => Instance.Sop.Value;

    /// <summary>Null until it is decided.</summary>
    public DeliveryResult? Result { get; set; }
}
