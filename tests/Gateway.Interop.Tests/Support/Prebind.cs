using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;

namespace Gateway.Interop.Tests.Support;

/// <summary>A BOSH session opened by hand, as a web application's back end does it before it hands jid, sid and rid to a page.</summary>
internal sealed class Prebind(Uri endpoint, string domain) : IDisposable
{
    private static readonly XNamespace Bosh = "http://jabber.org/protocol/httpbind";
    private static readonly XNamespace Binding = "urn:ietf:params:xml:ns:xmpp-bind";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public string Sid { get; private set; } = "";

    /// <summary>The rid of the next request.</summary>
    public long Rid { get; private set; } = 1_573_741_820;

    /// <summary>Logged in, bound and present; the full JID.</summary>
    public async Task<string> OpenAsync(string user, string password, string resource)
    {
        var created = await PostAsync("wait='20' hold='1' ver='1.6' content='text/xml; charset=utf-8'");
        Sid = created.Attribute("sid")?.Value ?? throw new InvalidOperationException(created.ToString());
        var secret = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"));
        await PostAsync("", $"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>");
        await PostAsync("xmpp:restart='true'");
        var bound = await PostAsync(
            "", $"<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{Binding}'><resource>{resource}</resource></bind></iq>");
        var jid = bound.Descendants(Binding + "jid").FirstOrDefault()?.Value ?? throw new InvalidOperationException(bound.ToString());
        await PostAsync("", "<presence xmlns='jabber:client'/>");
        return jid;
    }

    public void Dispose() => _http.Dispose();

    private async Task<XElement> PostAsync(string attributes, string payload = "")
    {
        var sid = Sid.Length > 0 ? $" sid='{Sid}'" : "";
        var body = string.Create(CultureInfo.InvariantCulture,
            $"<body xmlns='{Bosh}' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0' to='{domain}' rid='{Rid++}'{sid} {attributes}>{payload}</body>");
        using var content = new StringContent(body, new MediaTypeHeaderValue("text/xml", "utf-8"));
        using var answer = await _http.PostAsync(endpoint, content);
        return XElement.Parse(await answer.Content.ReadAsStringAsync());
    }
}
