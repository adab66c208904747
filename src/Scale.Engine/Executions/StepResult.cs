using Scale.Model.Errors;

namespace Scale.Engine.Executions;

/// <summary>The error that a step ended with, and why in words for the execution's log.</summary>
/// <param name="Name">Of a builtin error, or of the manifest.</param>
public sealed record StepError(string Name, bool IsBuiltin, string Reason)
{
    public static StepError Builtin(string name, string reason) => new(name, IsBuiltin: true, reason);

    public static StepError Mapped(MappedError error, string reason) => new(error.Name, error.IsBuiltin, reason);
}

/// <summary>What happened in a step: an error, or what it made.</summary>
public sealed record StepResult<T>(T? Value, StepError? Error)
    where T : class
{
    public static implicit operator StepResult<T>(StepError error) => new(null, error);

    public static implicit operator StepResult<T>(T value) => new(value, null);
}
