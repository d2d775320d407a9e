import '../lib/browser-globals.js';
import { client, xml } from '@xmpp/client';
import { Inbox, bounded } from '../lib/waiting.js';

const ROSTER = 'jabber:iq:roster';

/** One login with @xmpp/client over WebSocket. */
export class XmppJsSession {
  messages = new Inbox();
  presences = new Inbox();
  errors = new Inbox();
  ended = new Inbox();
  #client;
  #mechanism;

  constructor({ url, jid, resource, password }) {
    const [username, domain] = jid.split('@');
    this.#client = client({ service: url, domain, resource, username, password });
    this.#client.timeout = 10_000;
    this.#client.reconnect.stop();
    this.#client.on('error', (error) => this.errors.push(String(error)));
    this.#client.on('offline', () => this.ended.push('offline'));
    this.#client.on('disconnect', () => this.ended.push('disconnect'));
    this.#client.on('send', (element) => {
      if (element.name === 'auth') {
        this.#mechanism = element.attrs.mechanism;
      }
    });
    this.#client.on('stanza', (stanza) => this.#stanza(stanza));
  }

  async open() {
    // COMPAT: @xmpp/client 0.14 counts wrongly when a stanza arrives together with <enabled/>; so wait for it first.
    const nonzas = new Inbox();
    this.#client.on('nonza', (element) => nonzas.push(element));
    const jid = await bounded(this.#client.start(), 'login');
    if (nonzas.items.some((element) => element.getChild('sm', 'urn:xmpp:sm:3'))) {
      await nonzas.until(
        () => this.#client.streamManagement.enabled || nonzas.items.some(({ name }) => name === 'enabled'), '<enabled/>');
    }
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
      this.messages.push({ from, id, type, body: stanza.getChildText('body'), condition: stanza.getChild('error')?.children[0]?.name });
    } else if (stanza.is('presence')) {
      this.presences.push({ from, type: type ?? 'available' });
    }
  }
}
