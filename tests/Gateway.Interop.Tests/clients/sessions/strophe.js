import { createRequire } from 'node:module';
import '../lib/browser-globals.js';
import { Inbox, bounded } from '../lib/waiting.js';

const require = createRequire(import.meta.url);

/** One login with strophe.js: 'strophe5', 'strophe16' or 'strophe12', over BOSH or WebSocket as the URL says. */
export class StropheSession {
  messages = new Inbox();
  presences = new Inbox();
  #strophe;
  #connection;
  #states = new Inbox();
  #mechanism;
  #options;

  constructor(options) {
    this.#options = options;
    this.#strophe = require(options.library);
  }

  async open() {
    const { Strophe } = this.#strophe;
    const { url, jid, resource, password } = this.#options;
    const connection = new Strophe.Connection(url);
    this.#connection = connection;
    connection.rawOutput = (data) => {
      this.#mechanism ??= /<auth[^>]*mechanism=["']([^"']+)/.exec(data)?.[1];
    };
    connection.addHandler((stanza) => this.#message(stanza), null, 'message');
    connection.addHandler((stanza) => this.#presence(stanza), null, 'presence');
    connection.connect(`${jid}/${resource}`, password, (status, condition) => this.#states.push({ status, condition }));

    const { CONNECTED, DISCONNECTED, AUTHFAIL, CONNFAIL, ERROR } = Strophe.Status;
    const end = await this.#states.first(
      ({ status }) => [CONNECTED, DISCONNECTED, AUTHFAIL, CONNFAIL, ERROR].includes(status), 'end of the login');
    if (end.status !== CONNECTED) {
      throw new Error(`strophe status ${end.status}, condition ${end.condition}`);
    }
    return { mechanism: this.#mechanism, jid: connection.jid };
  }

  async roster() {
    const query = this.#strophe.$iq({ type: 'get' }).c('query', { xmlns: 'jabber:iq:roster' });
    const answer = await bounded(
      new Promise((resolve, reject) => this.#connection.sendIQ(query, resolve, reject)), 'roster');
    return Array.from(answer.getElementsByTagName('item'), (item) => item.getAttribute('jid'));
  }

  presence() {
    this.#connection.send(this.#strophe.$pres());
  }

  message(to, id, body) {
    this.#connection.send(this.#strophe.$msg({ to, id, type: 'chat' }).c('body').t(body));
  }

  cdata(to, id, body) {
    const message = this.#strophe.$msg({ to, id, type: 'chat' }).c('body');
    message.node.appendChild(message.node.ownerDocument.createCDATASection(body));
    this.#connection.send(message);
  }

  async close() {
    const { DISCONNECTED } = this.#strophe.Strophe.Status;
    this.#connection.disconnect('done');
    await this.#states.first(({ status }) => status === DISCONNECTED, 'disconnect');
  }

  #message(stanza) {
    const body = Array.from(stanza.childNodes).find((child) => child.nodeName === 'body');
    this.messages.push({
      from: stanza.getAttribute('from'),
      id: stanza.getAttribute('id'),
      type: stanza.getAttribute('type'),
      body: body?.textContent ?? null,
    });
    return true;
  }

  #presence(stanza) {
    this.presences.push({ from: stanza.getAttribute('from'), type: stanza.getAttribute('type') || 'available' });
    return true;
  }
}
