namespace Gateway.Core.Tests.Policies;

/// <summary>What client and server of today say to each other: SASL2, Bind 2, FAST, stream management, client state, pipelining, and what is not invented yet.</summary>
internal static class ModernLogin
{
    /// <summary>The one thing that is left out (XS-059).</summary>
    public const string Location = " location='10.0.0.9:5222'";

    /// <summary>From the client, each as it must arrive.</summary>
    public static string[] Up { get; } =
    [
        "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'><initial-response>biwsbj1hLHI9eA==</initial-response>"
            + "<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>x</software></user-agent>"
            + "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/><fast xmlns='urn:xmpp:fast:0' count='2' invalidate='true'/>"
            + "<bind xmlns='urn:xmpp:bind:0'><tag>x</tag><enable xmlns='urn:xmpp:sm:3' resume='true'/><enable xmlns='urn:xmpp:carbons:2'/><inactive xmlns='urn:xmpp:csi:0'/></bind></authenticate>",
        "<response xmlns='urn:xmpp:sasl:2'>=</response>",
        "<response xmlns='urn:xmpp:sasl:2'> Yz1iaXdz\n</response>",
        "<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-256'/>",
        "<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>BzOnw3Pc5H4bOLlPZ/8JAy6wnTpH05aH21KW2+Xfpaw=</hash></task-data>",
        "<active xmlns='urn:xmpp:csi:0'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
        "<config-version xmlns='urn:xmpp:stream-config:0' hash='h'/>",
        "<future xmlns='urn:example:nonza' a=\"&#10;\"><b><![CDATA[<]]></b></future>",
    ];

    /// <summary>From the server, each as it must arrive but for <see cref="Location"/>.</summary>
    public static string[] Down { get; } =
    [
        "<challenge xmlns='urn:xmpp:sasl:2'>cj14LHM9eSxpPTQwOTY=</challenge>",
        "<challenge xmlns='urn:xmpp:sasl:2'/>",
        "<continue xmlns='urn:xmpp:sasl:2'><additional-data>=</additional-data><tasks><task>UPGR-SCRAM-SHA-256</task></tasks></continue>",
        "<task-data xmlns='urn:xmpp:sasl:2'><salt xmlns='urn:xmpp:scram-upgrade:0' iterations='4096'>QV9TWENSWFE=</salt></task-data>",
        "<success xmlns='urn:xmpp:sasl:2'><additional-data>dj0=</additional-data><authorization-identifier>a@example.org/x.1</authorization-identifier>"
            + "<token xmlns='urn:xmpp:fast:0' expiry='2027-01-01T00:00:00Z' token='s3cr3t'/>"
            + $"<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='x'{Location} resume='true'/></bound></success>",
        "<a xmlns='urn:xmpp:sm:3' h='0'/>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<future xmlns='urn:example:nonza'>&#x41;</future>",
        "<failed xmlns='urn:xmpp:sm:3' h='7'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    ];
}
