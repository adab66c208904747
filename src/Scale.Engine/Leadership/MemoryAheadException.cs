namespace Scale.Engine.Leadership;

/// <summary>A transaction was rolled back after memory had followed it: whatever leads has to start again from the database.</summary>
public sealed class MemoryAheadException(Exception failure) : Exception($"A step was not written: {failure.Message}", failure);
