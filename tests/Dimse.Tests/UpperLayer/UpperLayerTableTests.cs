using ImagingIngestion.Dimse.UpperLayer;

namespace ImagingIngestion.Dimse.Tests.UpperLayer;

/// <summary>Rules for the table as a whole; the cells are tested state by state.</summary>
public sealed class UpperLayerTableTests
{
    [Fact]
    public void States_and_events_have_the_numbers_of_the_standard()
    {
        Assert.Equal(Enumerable.Range(1, 13), Enum.GetValues<UpperLayerState>().Select(state => (int)state));
        Assert.Equal(Enumerable.Range(1, 19), Enum.GetValues<UpperLayerEvent>().Select(happened => (int)happened));
        Assert.All(
            Enum.GetValues<UpperLayerState>(), state => Assert.StartsWith($"Sta{(int)state}", state.ToString(), StringComparison.Ordinal));
        Assert.All(
            Enum.GetValues<UpperLayerEvent>(),
            happened => Assert.StartsWith($"Evt{(int)happened}", happened.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_action_of_the_standard_is_in_use()
    {
        IEnumerable<UpperLayerAction> used = from state in Enum.GetValues<UpperLayerState>()
                                             from happened in Enum.GetValues<UpperLayerEvent>()
                                             let cell = UpperLayerTable.Find(state, happened)
                                             where cell is not null
                                             select cell.Value.Action;

        Assert.Equal(Enum.GetValues<UpperLayerAction>(), used.Distinct().Order());
    }

    [Fact]
    public void An_action_leads_to_the_same_state_wherever_it_stands()
    {
        // PS3.8 tables 9-6 to 9-9 give each action its next state; where a cell names two, the action decides.
        var states = from state in Enum.GetValues<UpperLayerState>()
                     from happened in Enum.GetValues<UpperLayerEvent>()
                     let cell = UpperLayerTable.Find(state, happened)
                     where cell is not null
                     group (cell.Value.Next, cell.Value.Alternative) by cell.Value.Action;

        Assert.All(states, action => Assert.Single(action.Distinct()));
    }
}
