import crypto from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import WebSocket from 'ws';
import { Inbox } from './waiting.js';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** RFC 7395 by hand, so that a test can see and do what no library would: count, hold back and cut. */
export class RawWebSocket {
  received = new Inbox();
  onElement = () => {};
  #socket;
  #read = 0;

  static async connect(url) {
    const raw = new RawWebSocket();
    raw.#socket = new WebSocket(url, 'xmpp', { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      raw.#socket.once('open', resolve);
      raw.#socket.once('error', reject);
    });
    raw.#socket.on('message', (data) => {
      const element = new DOMParser().parseFromString(data.toString('utf8'), 'text/xml').documentElement;
      raw.onElement(element);
      raw.received.push(element);
    });
    raw.#socket.on('error', () => {});
    raw.#socket.on('close', (code) => raw.received.push({ localName: '#closed', code }));
    return raw;
  }

  send(xml) {
    this.#socket.send(xml);
  }

  /** What arrives from now on stays in the kernel: the peer believes it sent, and nobody reads it. */
  stopReading() {
    this.#socket._socket.pause();
  }

  /** TCP reset: no <close/>, no Close frame, and whatever was not yet read or sent is gone. */
  cut() {
    this.#socket._socket.resetAndDestroy();
  }

  /** The next element of that name, each element taken once, in order. */
  async next(name, milliseconds) {
    let found;
    await this.received.until(() => {
      for (let index = this.#read; index < this.received.items.length; index += 1) {
        const element = this.received.items[index];
        if (element.localName === name) {
          this.#read = index + 1;
          found = element;
          return true;
        }
        if (element.localName === '#closed' || (element.localName === 'error' && element.prefix === 'stream')) {
          found = element;
          return true;
        }
      }
      return false;
    }, `<${name}/>`, milliseconds);
    if (found.localName !== name) {
      throw new Error(`instead of <${name}/> came ${found.toString?.() ?? ''} ${found.localName} ${found.code ?? ''}`);
    }
    return found;
  }

  async open(domain) {
    this.send(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`);
    await this.next('open');
    return this.next('features');
  }

  /** SCRAM-SHA-1 (RFC 5802), and the stream restart after it; answers with the new features. */
  async login(domain, username, password) {
    await this.open(domain);
    const nonce = crypto.randomBytes(18).toString('base64');
    const clientFirst = `n=${username},r=${nonce}`;
    this.send(`<auth xmlns="${SASL}" mechanism="SCRAM-SHA-1">${base64(`n,,${clientFirst}`)}</auth>`);
    const serverFirst = Buffer.from((await this.next('challenge')).textContent, 'base64').toString('utf8');
    const { r, s, i } = Object.fromEntries(serverFirst.split(',').map((part) => [part[0], part.slice(2)]));
    const salted = crypto.pbkdf2Sync(password, Buffer.from(s, 'base64'), Number(i), 20, 'sha1');
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = crypto.createHash('sha1').update(clientKey).digest();
    const withoutProof = `c=${base64('n,,')},r=${r}`;
    const signature = hmac(storedKey, `${clientFirst},${serverFirst},${withoutProof}`);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index])).toString('base64');
    this.send(`<response xmlns="${SASL}">${base64(`${withoutProof},p=${proof}`)}</response>`);
    await this.next('success');
    return this.open(domain);
  }

  async bind(resource) {
    this.send(`<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">`
      + `<resource>${resource}</resource></bind></iq>`);
    const answer = await this.next('iq');
    return answer.getElementsByTagName('jid')[0].textContent;
  }

  async close() {
    this.send('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />');
    await this.next('close');
    this.#socket.close(1000);
  }
}

function base64(text) {
  return Buffer.from(text, 'utf8').toString('base64');
}

function hmac(key, text) {
  return crypto.createHmac('sha1', key).update(text).digest();
}
