using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>What an operator sees and changes of bindings and their dead letters.</summary>
public interface IBindingAdministration
{
    /// <summary>All bindings that were ever registered and not removed, by name.</summary>
    Task<IReadOnlyList<BindingStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Stops or goes on claiming; events go on being turned into deliveries. False when there is no such binding.</summary>
    Task<bool> SetPausedAsync(string binding, bool isPaused, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets a binding with all its deliveries, a part at a time: when that fails on the way, the binding is still there and is to be
    /// removed again. False when there is no such binding.
    /// </summary>
    Task<bool> RemoveAsync(string binding, CancellationToken cancellationToken);

    /// <summary>Dead letters in the order of their ids, behind one.</summary>
    Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string binding, long after, int limit, CancellationToken cancellationToken);

    Task<DeadLetter?> FindDeadLetterAsync(string binding, long id, CancellationToken cancellationToken);

    /// <summary>Delivers dead letters again, with all attempts anew; all of the binding when no id is given. Answers how many.</summary>
    Task<int> ReplayAsync(string binding, long? id, CancellationToken cancellationToken);

    /// <summary>Gives dead letters up for good; all of the binding when no id is given. Answers how many.</summary>
    Task<int> DropAsync(string binding, long? id, CancellationToken cancellationToken);
}
