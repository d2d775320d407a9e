using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;

namespace Gateway.Management;

/// <summary><c>GET /api/backends</c>: each backend and each of its servers, with what it did last.</summary>
internal sealed class BackendsApi(BackendTable backends)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new ReasonWord(), new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Answers.</summary>
    public Task AnswerAsync(HttpContext http) => http.Response.WriteAsJsonAsync(new { backends = backends.Snapshot() }, Json, http.RequestAborted);

    /// <summary>The one word of a cause.</summary>
    private sealed class ReasonWord : JsonConverter<SessionEndReason>
    {
        public override SessionEndReason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, SessionEndReason value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToWord());
    }
}
