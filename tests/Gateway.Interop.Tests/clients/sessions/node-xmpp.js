import { createRequire } from 'node:module';
import { Inbox } from '../lib/waiting.js';

const { Client, Stanza } = createRequire(import.meta.url)('node-xmpp-client');

/** One login with node-xmpp-client 3.2, over BOSH or WebSocket. */
export class NodeXmppSession {
  messages = new Inbox();
  presences = new Inbox();
  errors = new Inbox();
  ended = new Inbox();
  #client;
  #settings;
  #events = new Inbox();

  constructor(settings) {
    this.#settings = settings;
  }

  async open() {
    const { jid, resource, password, transport, url } = this.#settings;
    this.#client = new Client({ jid: `${jid}/${resource}`, password, preferred: 'PLAIN', [transport]: { url } });
    this.#client.on('online', ({ jid: bound }) => this.#events.push({ jid: bound.toString() }));
    this.#client.on('error', (error) => {
      this.errors.push(String(error?.message ?? error));
      this.#events.push({ error });
    });
    for (const end of ['offline', 'disconnect', 'end', 'close']) {
      this.#client.on(end, () => this.ended.push(end));
    }
    this.#client.on('stanza', (stanza) => this.#stanza(stanza));
    const { jid: bound, error } = await this.#events.first(() => true, 'end of the login');
    if (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
    return { jid: bound };
  }

  presence() {
    this.#client.send(new Stanza('presence'));
  }

  message(to, id, body) {
    this.#client.send(new Stanza('message', { to, id, type: 'chat' }).c('body').t(body));
  }

  async close() {
    this.#client.end();
    await this.ended.first(() => true, 'end of the session');
  }

  #stanza(stanza) {
    const { from, id, type } = stanza.attrs;
    if (stanza.is('message')) {
      const condition = stanza.getChild('error')?.children[0]?.name;
      this.messages.push({ from, id, type, body: stanza.getChildText('body'), condition });
    } else if (stanza.is('presence')) {
      this.presences.push({ from, type: type ?? 'available' });
    }
  }
}
