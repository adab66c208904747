using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Store.Jobs;

/// <summary>Input for a job that was there.</summary>
public sealed record JobInput(long JobId, string Input, InputSummary Summary)
{
    /// <summary>What a statement sets of a row of <see cref="RowsOf"/>.</summary>
    internal const string Assignments =
        """
        input = v.input, input_file_size = v.size, source_started = v.started, source_ended = v.ended, source_sensor_class = v.sensor_class,
            source_sensor = v.sensor, source_collection = v.collection, source_task = v.task
        """;

    internal static Rows RowsOf(IReadOnlyList<JobInput> inputs) => new("v",
        ("id", inputs.Column(i => i.JobId)),
        ("input", inputs.Column(i => i.Input)),
        ("size", inputs.Column(i => i.Summary.SizeMiB)),
        ("started", inputs.Column(i => i.Summary.SourceStarted)),
        ("ended", inputs.Column(i => i.Summary.SourceEnded)),
        ("sensor_class", inputs.Column(i => i.Summary.SensorClass)),
        ("sensor", inputs.Column(i => i.Summary.Sensor)),
        ("collection", inputs.Column(i => i.Summary.Collection)),
        ("task", inputs.Column(i => i.Summary.Task)));
}
