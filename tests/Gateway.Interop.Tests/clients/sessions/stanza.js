import '../lib/browser-globals.js';
import * as XMPP from 'stanza';
import { Inbox, bounded } from '../lib/waiting.js';

/** One login with stanza, over BOSH or WebSocket. */
export class StanzaSession {
  messages = new Inbox();
  presences = new Inbox();
  errors = new Inbox();
  ended = new Inbox();
  #client;
  #mechanism;
  #events = new Inbox();

  constructor({ url, jid, resource, password, transport }) {
    this.#client = XMPP.createClient({
      jid,
      resource,
      password,
      autoReconnect: false,
      transports: transport === 'bosh' ? { bosh: url, websocket: false } : { websocket: url, bosh: false },
    });
    // COMPAT: stanza 12.22 opens DIGEST-MD5 with an empty initial response, which jabberd2 2.7 refuses (incorrect-encoding).
    this.#client.sasl.disable('DIGEST-MD5');
    this.#client.on('raw:outgoing', (data) => {
      this.#mechanism ??= /<auth[^>]*mechanism=["']([^"']+)/.exec(data)?.[1];
    });
    for (const event of ['session:started', 'disconnected', 'stream:end', 'auth:failed', 'stream:error']) {
      this.#client.on(event, (detail) => this.#events.push({ event, detail }));
    }
    this.#client.on('disconnected', () => this.ended.push('disconnected'));
    this.#client.on('stream:error', ({ condition }) => this.errors.push(condition));
    this.#client.on('message', ({ from, id, type, body, error }) => this.messages.push({ from, id, type, body, condition: error?.condition }));
    this.#client.on('presence', ({ from, type }) => this.presences.push({ from, type: type ?? 'available' }));
  }

  async open() {
    this.#client.connect();
    const { event, detail } = await this.#events.first(() => true, 'end of the login');
    if (event !== 'session:started') {
      throw new Error(`stanza: ${event} ${JSON.stringify(detail)}`);
    }
    return { mechanism: this.#mechanism, jid: this.#client.jid };
  }

  async roster() {
    const { items } = await bounded(this.#client.getRoster(), 'roster');
    return items.map((item) => item.jid);
  }

  presence() {
    this.#client.sendPresence();
  }

  message(to, id, body) {
    this.#client.sendMessage({ to, id, type: 'chat', body });
  }

  cdata(to, id, body) {
    this.#client.transport.write(
      `<message xmlns="jabber:client" to="${to}" id="${id}" type="chat"><body><![CDATA[${body}]]></body></message>`);
  }

  async close() {
    this.#client.disconnect();
    // The server's own <close/> or terminate. COMPAT: stanza 12.22 never says 'disconnected' when an <r/> came just before.
    await this.#events.first(({ event }) => event === 'stream:end', 'end of the stream');
  }
}
