using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Bosh;

/// <summary>The way down: what one read of the backend brought, as payloads for BOSH bodies.</summary>
internal sealed class BackendReader(SessionCounters counters, SessionLimits limits, StreamFeaturesRules rules)
{
    private readonly List<(int Length, DownPayloadKind Kind, bool NeedsStream)> _found = [];
    private bool _isAuthenticated;

    /// <summary>Takes all elements that are here.</summary>
    /// <param name="stream">The stream, filled.</param>
    /// <param name="payloads">The elements, on one array of their own.</param>
    /// <returns>What the read ended with, when the stream is over: its close, a stream error, XML that is none.</returns>
    public BoshEvent.BackendEnded? ReadAll(IXmppStream stream, out DownPayload[] payloads)
    {
        using var output = new PooledByteWriter();
        BoshEvent.BackendEnded? end = null;
        while (end is null && stream.TryRead(out var element))
        {
            switch (element.Kind)
            {
                case StreamElementKind.FirstLevelElement when BackendStreamError.Is(element, stream.Buffer):
                    end = new BoshEvent.BackendEnded(SessionEndReason.RemoteStreamError, StreamError(stream));
                    break;
                case StreamElementKind.FirstLevelElement:
                    Add(output, stream, element);
                    break;
                case StreamElementKind.StreamHeader when stream.Header.Refusal() is { } refusal:
                    Refusal = refusal;
                    end = new BoshEvent.BackendEnded(SessionEndReason.BackendProtocolError, null);
                    break;
                case StreamElementKind.StreamClose:
                    end = new BoshEvent.BackendEnded(SessionEndReason.BackendClosed, null);
                    break;
                case StreamElementKind.Error:
                    Refusal = stream.Error.ToCondition();
                    end = new BoshEvent.BackendEnded(SessionEndReason.BackendProtocolError, null);
                    break;
                default:
                    break;
            }
        }

        payloads = Take(output);
        return end;
    }

    /// <summary>The features that came with the stream.</summary>
    public DownPayload ReadFeatures(IXmppStream stream)
    {
        using var output = new PooledByteWriter();
        Add(output, stream, stream.Current);
        return Take(output)[0];
    }

    /// <summary>The features that were read offered channel binding (EDGE-004).</summary>
    public bool OffersChannelBinding { get; private set; }

    /// <summary>The stream error that the backend deserves for what it sent (XS-050).</summary>
    public StreamErrorCondition Refusal { get; private set; } = StreamErrorCondition.BadFormat;

    private void Add(PooledByteWriter output, IXmppStream stream, in StreamElement element)
    {
        var buffer = stream.Buffer;
        var start = output.WrittenCount;
        var kind = Classify(element, buffer, stream.Scope);
        _isAuthenticated |= kind is DownPayloadKind.SaslSuccess or DownPayloadKind.Sasl2Success or DownPayloadKind.Sasl2SuccessResumable;
        if (kind == DownPayloadKind.Features)
        {
            OffersChannelBinding |= StreamFeaturesPolicy.Write(output, buffer, element, stream.Scope, RebaseTarget.BoshBody, rules, limits.For(_isAuthenticated));
        }
        else
        {
            StreamManagement.Write(output, buffer, element, stream.Scope, RebaseTarget.BoshBody);
        }

        _found.Add((output.WrittenCount - start, kind, NeedsStream(element, stream.Scope)));
        counters.CountDown(element.Length);
    }

    private DownPayload[] Take(PooledByteWriter output)
    {
        if (_found.Count == 0)
        {
            return [];
        }

        ReadOnlyMemory<byte> bytes = output.WrittenSpan.ToArray();
        var payloads = new DownPayload[_found.Count];
        for (var i = 0; i < payloads.Length; i++)
        {
            var (length, kind, needsStream) = _found[i];
            payloads[i] = new DownPayload(bytes[..length], kind, needsStream);
            bytes = bytes[length..];
        }

        _found.Clear();
        return payloads;
    }

    /// <summary>It may use the prefix <c>stream</c> in the body. A declaration too many is harmless, one too few is not.</summary>
    private static bool NeedsStream(in StreamElement element, NamespaceScope scope)
    {
        if (element.Namespace == KnownNamespace.Streams || element.NeedsRewrite)
        {
            return true;
        }

        for (var i = 0; i < scope.Count && element.InheritedPrefixes != 0; i++)
        {
            if ((element.InheritedPrefixes & (1UL << i)) != 0 && scope.NameAt(i).SequenceEqual(Xmpp.XmppNamespaces.Streams))
            {
                return true;
            }
        }

        return false;
    }

    private static DownPayloadKind Classify(in StreamElement element, ReadOnlySpan<byte> buffer, NamespaceScope scope)
    {
        var name = element.LocalName(buffer);
        switch (element.Namespace)
        {
            case KnownNamespace.Client when name.SequenceEqual("message"u8) || name.SequenceEqual("presence"u8) || name.SequenceEqual("iq"u8):
                return DownPayloadKind.Stanza;
            case KnownNamespace.Streams when name.SequenceEqual("features"u8):
                return DownPayloadKind.Features;
            case KnownNamespace.Sasl:
                return name.SequenceEqual("success"u8) ? DownPayloadKind.SaslSuccess
                    : name.SequenceEqual("failure"u8) ? DownPayloadKind.SaslFailure : DownPayloadKind.Sasl;
            case KnownNamespace.Sasl2 when name.SequenceEqual("failure"u8):
                return DownPayloadKind.SaslFailure;
            case KnownNamespace.Sasl2 when name.SequenceEqual("success"u8):
                return StreamManagement.GrantsResumption(element, buffer, scope) ? DownPayloadKind.Sasl2SuccessResumable : DownPayloadKind.Sasl2Success;
            case KnownNamespace.StreamManagement when name.SequenceEqual("failed"u8):
                return DownPayloadKind.StreamManagementFailed;
            case KnownNamespace.StreamManagement when StreamManagement.GrantsResumption(element, buffer, scope):
                return DownPayloadKind.Resumable;
            default:
                return DownPayloadKind.Other;
        }
    }

    private static byte[] StreamError(IXmppStream stream)
    {
        using var output = new PooledByteWriter();
        BackendStreamError.Write(output, stream, RebaseTarget.BoshBody);
        return output.WrittenSpan.ToArray();
    }
}
