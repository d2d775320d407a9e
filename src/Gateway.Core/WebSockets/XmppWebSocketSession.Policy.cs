using System.Net;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;

namespace Gateway.Core.WebSockets;

/// <summary>What a policy has to say of a client's elements and of its logins.</summary>
public sealed partial class XmppWebSocketSession
{
    /// <summary>Judges the element that was collected last; one that is refused is taken back.</summary>
    private bool MayGoUp(int start, out ClientElementVerdict verdict)
    {
        verdict = _policy!.Judge(_upBatch.WrittenSpan[start..], _isAuthenticated);
        if (verdict.Action == ClientElementAction.Forward)
        {
            return true;
        }

        _upBatch.Truncate(start);
        if (verdict.Action != ClientElementAction.Replace)
        {
            return false;
        }

        _upBatch.Write(verdict.Bytes);
        return true;
    }

    /// <summary>An element goes nowhere; the client hears why.</summary>
    private async ValueTask RefuseAsync(ClientElementVerdict verdict)
    {
        if (verdict.Action == ClientElementAction.End)
        {
            await EndUpAsync(Ending(verdict.Reason));
            return;
        }

        await AnswerAsync(verdict.Bytes); // waited for: a client that does not read is not read either
        if (verdict.Action == ClientElementAction.Fail && CountFailure(client: null))
        {
            await EndUpAsync(Ending(SessionEndReason.AuthFailures));
        }
    }

    /// <summary>A login failed (EDGE-038). True: once too often.</summary>
    private bool CountFailure(IPAddress? client)
    {
        _context.Watch.AuthFailed(_served!.Name, client);
        return _policy!.CountFailure();
    }

    /// <summary>Answers in the backend's place.</summary>
    private async ValueTask AnswerAsync(ReadOnlyMemory<byte> element)
    {
        using var answer = new PooledByteWriter();
        var frame = WebSocketConnection.BeginText(answer);
        answer.Write(element.Span);
        WebSocketConnection.EndText(answer, frame);
        try
        {
            await _client.WriteFramesAsync(answer.WrittenMemory, last: false, _abort.Token);
        }
        catch (Exception e) when (IsLoss(e))
        {
            End(SessionEndReason.ClientLost);
        }
    }
}
