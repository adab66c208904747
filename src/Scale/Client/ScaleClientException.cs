using System.Net;

namespace Scale.Client;

/// <summary>The server refused a call, or could not be reached; the message is meant for the person who called.</summary>
public sealed class ScaleClientException(string message, HttpStatusCode? status = null) : Exception(message)
{
    /// <summary>Null when no answer came at all.</summary>
    public HttpStatusCode? Status { get; } = status;
}
