/** A login with the library of that name, not yet opened. */
export async function sessionWith(settings) {
  switch (settings.library) {
    case 'xmppjs': return new (await import('./xmppjs.js')).XmppJsSession(settings);
    case 'stanza': return new (await import('./stanza.js')).StanzaSession(settings);
    case 'node-xmpp': return new (await import('./node-xmpp.js')).NodeXmppSession(settings);
    default: return new (await import('./strophe.js')).StropheSession(settings);
  }
}
