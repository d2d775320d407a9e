import { createRequire } from 'node:module';
import '../lib/browser-globals.js';
import { Inbox, bounded } from '../lib/waiting.js';

const require = createRequire(import.meta.url);

/** One login with strophe.js: 'strophe5', 'strophe16' or 'strophe12', over BOSH or WebSocket as the URL says. */
export class StropheSession {
  messages = new Inbox();
  presences = new Inbox();
  errors = new Inbox();
  ended = new Inbox();
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
    this.#listen();
    connection.connect(`${jid}/${resource}`, password, (status, condition) => this.#state(status, condition));

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

  /** Goes on with a session that somebody else has opened: `rid` is that of the next request. */
  async attach({ sid, rid }) {
    const { Strophe } = this.#strophe;
    const { url, jid, resource } = this.#options;
    this.#connection = new Strophe.Connection(url);
    this.#listen();
    this.#connection.attach(`${jid}/${resource}`, sid, rid, (status, condition) => this.#state(status, condition));
    await this.#states.first(({ status }) => status === Strophe.Status.ATTACHED, 'attached');
    return { jid: this.#connection.jid };
  }

  /** What somebody else needs to go on with this session. */
  get handover() {
    const { sid, rid } = this.#connection._proto;
    return { sid, rid };
  }

  async close() {
    const { DISCONNECTED } = this.#strophe.Strophe.Status;
    this.#connection.disconnect('done');
    await this.#states.first(({ status }) => status === DISCONNECTED, 'disconnect');
  }

  #listen() {
    this.#connection.addHandler((stanza) => this.#message(stanza), null, 'message');
    this.#connection.addHandler((stanza) => this.#presence(stanza), null, 'presence');
  }

  #state(status, condition) {
    const { DISCONNECTED, AUTHFAIL, CONNFAIL, ERROR } = this.#strophe.Strophe.Status;
    this.#states.push({ status, condition });
    if (status === DISCONNECTED) {
      this.ended.push(condition);
    } else if ([AUTHFAIL, CONNFAIL, ERROR].includes(status)) {
      this.errors.push(`status ${status}: ${condition}`);
    }
  }

  #message(stanza) {
    const body = Array.from(stanza.childNodes).find((child) => child.nodeName === 'body');
    this.messages.push({
      from: stanza.getAttribute('from'),
      id: stanza.getAttribute('id'),
      type: stanza.getAttribute('type'),
      body: body?.textContent ?? null,
      condition: stanza.getElementsByTagName('error')[0]?.firstChild?.nodeName,
    });
    return true;
  }

  #presence(stanza) {
    this.presences.push({ from: stanza.getAttribute('from'), type: stanza.getAttribute('type') || 'available' });
    return true;
  }
}
