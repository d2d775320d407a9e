using Gateway.DemoServer.Connections;
using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Routing;

/// <summary>
/// Who is here, and where stanzas go (RFC 6121 §8). One short lock guards all of it; nothing under it waits, because
/// delivery only queues.
/// </summary>
internal sealed partial class Router
{
    private readonly Lock _gate = new();
    private readonly DemoServerOptions _options;
    private readonly Dictionary<string, Account> _accounts = [];

    public Router(DemoServerOptions options)
    {
        _options = options;
        Domain = new Jid(null, options.Domain, null).Domain;
        foreach (var account in options.Accounts)
        {
            var jid = new Jid(account.Name, Domain, null);
            _accounts.Add(jid.Bare, new Account(jid, anonymous: false));
        }

        foreach (var account in _accounts.Values)
        {
            foreach (var other in _accounts.Values.Where(o => o != account))
            {
                account.Roster.Add(other.Jid.Bare, new RosterItem(other.Jid.Bare, TitleCase(other.Jid.Local!), [], Mutual: true));
            }
        }
    }

    public string Domain { get; }

    /// <summary>Binds a resource (RFC 6120 §7).</summary>
    /// <param name="user">The account's name; null makes an anonymous one.</param>
    /// <param name="wanted">The resource asked for; null or empty leaves it to the server.</param>
    /// <param name="output">Where its stanzas go.</param>
    /// <param name="answer">The result for the address it got: the first thing in its queue.</param>
    public Resource Bind(string? user, string? wanted, StreamOutput output, Func<Jid, Element> answer)
    {
        lock (_gate)
        {
            Account account;
            if (user is null)
            {
                account = new Account(new Jid("anon-" + RandomText.Hex(_options.RandomSource, 8), Domain, null), anonymous: true);
                _accounts.Add(account.Jid.Bare, account);
            }
            else
            {
                // Who logged in as ALICE is alice (RFC 7622 §3.3).
                account = Jid.TryParse($"{user}@{Domain}", out var jid) && Find(jid.Bare) is { } known
                    ? known
                    : throw new InvalidOperationException("SASL let an account in that does not exist");
            }

            // RFC 6120 §7.7.2.2: the newcomer gets another resource and the older session goes on.
            var name = string.IsNullOrEmpty(wanted) || account.Resources.ContainsKey(wanted) ? RandomText.Hex(_options.RandomSource, 8) : wanted;
            var resource = new Resource(account, account.Jid with { Resource = name }, output);
            account.Resources.Add(name, resource);
            resource.Send(answer(resource.Jid));
            return resource;
        }
    }

    /// <summary>Takes a resource away, for whatever reason its stream ended: those who saw it learn that it is gone (RFC 6121 §4.5.2).</summary>
    public void Unbind(Resource resource)
    {
        lock (_gate)
        {
            if (!resource.Account.Resources.Remove(resource.Jid.Resource!))
            {
                return;
            }

            GoUnavailable(resource, new Element("presence", Names.Client).Set("type", "unavailable").Set("from", resource.Jid.ToString()));
            if (resource.Account.Anonymous)
            {
                _accounts.Remove(resource.Account.Jid.Bare);
            }
        }
    }

    /// <summary>Whether there is such an account now.</summary>
    public bool HasAccount(Jid jid)
    {
        lock (_gate)
        {
            return Find(jid.Bare) is not null;
        }
    }

    /// <summary>Hands an iq to the full address it is for (RFC 6121 §8.5.3.1).</summary>
    public void RouteIq(Resource from, Jid to, Element iq)
    {
        lock (_gate)
        {
            if (FindResource(to) is { } resource)
            {
                resource.Send(iq);
            }
            else
            {
                Refuse(from, iq, StanzaError.ServiceUnavailable);
            }
        }
    }

    /// <summary>Sends an error back, where one may be sent.</summary>
    public static void Refuse(Resource from, Element stanza, StanzaError error)
    {
        if (StanzaError.MayAnswer(stanza))
        {
            from.Send(error.Answer(stanza));
        }
    }

    private Account? Find(string bareJid) => _accounts.GetValueOrDefault(bareJid);

    private Resource? FindResource(Jid jid) =>
        jid.Resource is { } name && Find(jid.Bare) is { } account && account.Resources.TryGetValue(name, out var resource) ? resource : null;

    private static string TitleCase(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
