/**
 * XEP-0198 over WebSocket: alice enables stream management and exchanges numbered messages with bob (who sits past
 * the gateway); her connection is cut in the middle, twice, with messages on the way in both directions; she resumes.
 * Nothing may be lost, doubled or out of order. One argument: JSON with url, server, domain, password, run.
 */
import { DirectObserver } from './lib/direct-observer.js';
import { RawWebSocket } from './lib/raw-websocket.js';
import { Report, expect } from './lib/report.js';
import { Inbox } from './lib/waiting.js';

const { url, server, domain, password, run } = JSON.parse(process.argv[2]);
const SM = 'urn:xmpp:sm:3';
const batch = 40;

/** alice's end of XEP-0198: counts what she received, keeps what the server has not acknowledged. */
class ManagedSession {
  received = new Inbox();
  acks = new Inbox();
  #handled = 0;
  #acknowledged = 0;
  #unacknowledged = [];
  #counting = false;
  #transport;

  async begin() {
    this.#transport = await this.#login();
    this.jid = await this.#transport.bind(`alice-${run}`);
    this.#transport.send(`<enable xmlns="${SM}" resume="true"/>`);
    const enabled = await this.#transport.next('enabled');
    this.#counting = true;
    this.id = enabled.getAttribute('id');
    this.resumable = ['true', '1'].includes(enabled.getAttribute('resume'));
    this.stanza('<presence xmlns="jabber:client"/>');
  }

  async resume() {
    this.#counting = false;
    this.#transport = await this.#login();
    const handled = this.#handled;
    this.#counting = true;
    this.#transport.send(`<resume xmlns="${SM}" previd="${this.id}" h="${handled}"/>`);
    const resumed = await this.#transport.next('resumed');
    this.#acknowledge(Number(resumed.getAttribute('h')));
    const again = this.#unacknowledged.length;
    for (const xml of this.#unacknowledged) {
      this.#transport.send(xml);
    }
    return { previd: resumed.getAttribute('previd'), again };
  }

  stanza(xml) {
    this.#unacknowledged.push(xml);
    this.#transport.send(xml);
  }

  message(to, id) {
    this.stanza(`<message xmlns="jabber:client" type="chat" to="${to}" id="${id}"><body>${id}</body></message>`);
  }

  /** Asks for an acknowledgement and waits until everything sent so far is acknowledged. */
  async flush() {
    this.#transport.send(`<r xmlns="${SM}"/>`);
    await this.acks.until(() => this.#unacknowledged.length === 0, 'acknowledgement of everything');
    return this.#acknowledged;
  }

  acknowledge() {
    this.#transport.send(`<a xmlns="${SM}" h="${this.#handled}"/>`);
  }

  stopReading() {
    this.#transport.stopReading();
  }

  cut() {
    this.#transport.onElement = () => {};
    this.#transport.cut();
  }

  close() {
    return this.#transport.close();
  }

  async #login() {
    const transport = await RawWebSocket.connect(url);
    transport.onElement = (element) => this.#element(element);
    const features = await transport.login(domain, 'alice', password);
    expect(features.getElementsByTagNameNS(SM, 'sm').length === 1, 'no <sm/> among the features');
    return transport;
  }

  #element(element) {
    if (element.namespaceURI === SM && element.localName === 'r') {
      this.acknowledge();
    } else if (element.namespaceURI === SM && element.localName === 'a') {
      this.#acknowledge(Number(element.getAttribute('h')));
    } else if (this.#counting && ['message', 'presence', 'iq'].includes(element.localName)) {
      this.#handled += 1;
      if (element.localName === 'message') {
        this.received.push({ id: element.getAttribute('id'), type: element.getAttribute('type') });
      }
    }
  }

  #acknowledge(h) {
    this.#unacknowledged.splice(0, h - this.#acknowledged);
    this.#acknowledged = h;
    this.acks.push(h);
  }
}

const report = new Report(100_000);
await report.run(async () => {
  const bob = new DirectObserver({ server, jid: `bob@${domain}`, password, resource: `bob-${run}` });
  const carol = new DirectObserver({ server, jid: `carol@${domain}`, password, resource: `carol-${run}` });
  const alice = new ManagedSession();
  const bobJid = await report.check('observers', async () => (await Promise.all([bob.open(), carol.open()]))[0]);
  const sentByAlice = [];
  const sentByBob = [];

  await report.check('enable', async () => {
    await alice.begin();
    expect(alice.id, 'no id in <enabled/>');
    expect(alice.resumable, 'resumption was not granted');
    await bob.presences.first(({ from, type }) => from === alice.jid && type === 'available', 'presence of alice');
  });

  await report.check('acks', async () => {
    fromAlice(batch);
    await fromBob(batch);
    await bob.messages.until(() => ids(bob).length === batch, 'messages at bob');
    await alice.received.until(() => ids(alice).length === batch, 'messages at alice');
    return alice.flush();
  });

  // Cut while alice's stanzas are on the way up: those still in her socket are lost with it.
  await report.check('cut on the way up', async () => {
    fromAlice(batch);
    alice.cut();
    await fromBob(batch);
    await bob.routed(); // ejabberd 23.01 reorders what comes in the very moment of a resumption
  });
  await report.check('first resume', async () => {
    const { previd, again } = await alice.resume();
    expect(previd === alice.id, `resumed ${previd}`);
    return `${again} sent again`;
  });
  await report.check('all there after the first cut', settled);

  // Cut while bob's stanzas are on the way down: alice's kernel has them, alice does not.
  await report.check('cut on the way down', async () => {
    alice.stopReading();
    await fromBob(batch);
    fromAlice(batch);
    await bob.messages.until(() => ids(bob).length === sentByAlice.length, 'messages at bob');
    alice.cut();
    await fromBob(batch);
    await bob.routed();
  });
  await report.check('second resume', async () => {
    const { previd, again } = await alice.resume();
    expect(previd === alice.id, `resumed ${previd}`);
    return `${again} sent again`;
  });
  await report.check('all there after the second cut', settled);

  await report.check('still the same session', () => {
    const gone = carol.presences.items.filter(({ from, type }) => from === alice.jid && type === 'unavailable');
    expect(gone.length === 0, 'others saw alice go');
  });
  await report.check('unavailable', async () => {
    await alice.flush();
    alice.acknowledge();
    await alice.close();
    await carol.presences.first(({ from, type }) => from === alice.jid && type === 'unavailable', 'unavailable of alice');
  });
  await report.check('observers leave', () => Promise.all([bob.close(), carol.close()]));

  function fromAlice(count) {
    for (let number = 0; number < count; number += 1) {
      const id = `a${sentByAlice.length}-${run}`;
      sentByAlice.push(id);
      alice.message(bobJid, id);
    }
  }

  async function fromBob(count) {
    for (let number = 0; number < count; number += 1) {
      const id = `b${sentByBob.length}-${run}`;
      sentByBob.push(id);
      await bob.message(alice.jid, id, id);
    }
  }

  /** A last message each way proves that everything before it has passed; then both lists must be exact. */
  async function settled() {
    fromAlice(1);
    await fromBob(1);
    await bob.messages.first(({ id }) => id === sentByAlice.at(-1), 'last message at bob');
    await alice.received.first(({ id }) => id === sentByBob.at(-1), 'last message at alice');
    await alice.flush();
    compare('bob received', ids(bob), sentByAlice);
    compare('alice received', ids(alice), sentByBob);
    return `${sentByAlice.length} up, ${sentByBob.length} down`;
  }
});

function ids(end) {
  const inbox = end.messages ?? end.received;
  return inbox.items.map(({ id }) => id).filter((id) => id?.endsWith(`-${run}`));
}

function compare(what, actual, expected) {
  const lost = expected.filter((id) => !actual.includes(id));
  const doubled = actual.filter((id, index) => actual.indexOf(id) !== index);
  expect(lost.length === 0, `${what}: lost ${lost}`);
  expect(doubled.length === 0, `${what}: doubled ${doubled}`);
  expect(actual.join() === expected.join(), `${what}: out of order ${actual}`);
}
