import '../lib/browser-globals.js';
import { client, xml } from '@xmpp/client';
import { Inbox, bounded } from '../lib/waiting.js';

const ROSTER = 'jabber:iq:roster';

/** One login with @xmpp/client over WebSocket. */
export class XmppJsSession {
  messages = new Inbox();
  presences = new Inbox();
  #client;
  #mechanism;

  constructor({ url, jid, resource, password }) {
    const [username, domain] = jid.split('@');
    this.#client = client({ service: url, domain, resource, username, password });
    this.#client.timeout = 10_000;
    this.#client.reconnect.stop();
    this.errors = new Inbox();
    this.#client.on('error', (error) => this.errors.push(String(error)));
    this.#client.on('send', (element) => {
      if (element.name === 'auth') {
        this.#mechanism = element.attrs.mechanism;
      }
    });
    this.#client.on('stanza', (stanza) => this.#stanza(stanza));
  }

  async open() {
    // COMPAT: @xmpp/client 0.14 counts wrongly when a stanza arrives together with <enabled/>; so wait for it first.
    const enabled = new Inbox();
    this.#client.on('nonza', (element) => enabled.push(element.name));
    const jid = await bounded(this.#client.start(), 'login');
    await enabled.until(() => this.#client.streamManagement.enabled || enabled.items.includes('enabled'), '<enabled/>');
    return { mechanism: this.#mechanism, jid: jid.toString() };
  }

  async roster() {
    const query = await this.#client.iqCaller.get(xml('query', ROSTER));
    return query.getChildren('item').map((item) => item.attrs.jid);
  }

  presence() {
    return this.#client.send(xml('presence'));
  }

  message(to, id, body) {
    return this.#client.send(xml('message', { to, id, type: 'chat' }, xml('body', {}, body)));
  }

  cdata(to, id, body) {
    return this.#client.write(
      `<message xmlns="jabber:client" to="${to}" id="${id}" type="chat"><body><![CDATA[${body}]]></body></message>`);
  }

  async close() {
    await bounded(this.#client.stop(), 'disconnect');
  }

  #stanza(stanza) {
    const { from, id, type } = stanza.attrs;
    if (stanza.is('message')) {
      this.messages.push({ from, id, type, body: stanza.getChildText('body') });
    } else if (stanza.is('presence')) {
      this.presences.push({ from, type: type ?? 'available' });
    }
  }
}
