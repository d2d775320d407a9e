/**
 * An everyday conversation between alice and bob, both with the client under test; carol watches from outside the
 * gateway. One argument: JSON with client, transport, url, server, domain, password, run (a name for this run).
 */
import { DirectObserver } from './lib/direct-observer.js';
import { Report, expect } from './lib/report.js';
import { sessionWith } from './sessions/index.js';

const options = JSON.parse(process.argv[2]);
const { client, transport, url, server, domain, password, run } = options;

function session(user) {
  return sessionWith({ library: client, transport, url, jid: `${user}@${domain}`, password, resource: `${user}-${run}` });
}

const texts = {
  plain: 'Wherefore art thou, Romeo?\n  On a second line.',
  entities: `1 < 2 && 3 > 2, she said "yes" & he said 'no'; &amp; stays &amp;, ]]> too`,
  emoji: 'emoji \u{1F600}\u{1F469}\u200D\u{1F680} \u{1F1E6}\u{1F1F9}, combining e\u0301 o\u0308\u0323, \u05E9\u05DC\u05D5\u05DD, \u4F60\u597D, \u{10FFFD}',
};
const cdata = 'if (a < b && c > d) { return "<not-an-element/> &amp; not an entity"; }';
const large = 'Lorem ipsum <dolor> \u00E4\u00F6\u00FC. '.repeat(10_000).slice(0, 150_000).padEnd(165_000, 'x');

const report = new Report(100_000);
await report.run(async () => {
  const observer = new DirectObserver({ server, jid: `carol@${domain}`, password, resource: `carol-${run}` });
  await report.check('observer', () => observer.open());

  const alice = await session('alice');
  const bob = await session('bob');
  const logins = await report.check('login', async () => {
    const both = await Promise.all([alice.open(), bob.open()]);
    return JSON.stringify(both);
  });
  const [first, second] = JSON.parse(logins);
  await report.check('scram', () => {
    for (const login of [first, second]) {
      expect(/^SCRAM-SHA-/.test(login.mechanism), `mechanism was ${login.mechanism}`);
    }
    return first.mechanism;
  });
  await report.check('bind', () => {
    expect(first.jid === `alice@${domain}/alice-${run}`, `alice is bound to ${first.jid}`);
    expect(second.jid === `bob@${domain}/bob-${run}`, `bob is bound to ${second.jid}`);
  });

  await report.check('roster', async () => {
    const contacts = await alice.roster();
    expect(contacts.includes(`bob@${domain}`), `the roster has ${contacts}`);
    const others = await bob.roster();
    expect(others.includes(`alice@${domain}`), `the roster has ${others}`);
  });

  await report.check('presence', async () => {
    await alice.presence();
    await observer.presences.first(available(first.jid), 'presence of alice at the observer');
    await bob.presence();
    await observer.presences.first(available(second.jid), 'presence of bob at the observer');
    await alice.presences.first(available(second.jid), 'presence of bob at alice');
    await bob.presences.first(available(first.jid), 'presence of alice at bob');
  });

  for (const [name, text] of Object.entries(texts)) {
    await report.check(`message ${name}`, () => bothWays(name, text, 'message'));
  }
  await report.check('message cdata', () => bothWays('cdata', cdata, 'cdata'));
  await report.check('message 200 KB', () => {
    const bytes = Buffer.byteLength(large.replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    expect(bytes >= 200_000 && bytes < 250_000, `the text is ${bytes} bytes long when escaped`);
    return bothWays('large', large, 'message');
  });
  await report.check('message order', async () => {
    const names = Array.from({ length: 50 }, (_, number) => `order-${number}-${run}`);
    for (const name of names) {
      await alice.message(second.jid, name, name);
    }
    await bob.messages.until(() => bob.messages.items.some((item) => item.id === names.at(-1)), 'last message');
    const received = bob.messages.items.map((item) => item.id).filter((id) => names.includes(id));
    expect(received.join() === names.join(), `received ${received}`);
  });

  await report.check('unavailable', async () => {
    await alice.close();
    await observer.presences.first(unavailable(first.jid), 'unavailable of alice at the observer');
    await bob.presences.first(unavailable(first.jid), 'unavailable of alice at bob');
  });
  await report.check('unavailable of the last', async () => {
    await bob.close();
    await observer.presences.first(unavailable(second.jid), 'unavailable of bob at the observer');
  });
  await report.check('observer leaves', () => observer.close());

  async function bothWays(name, text, verb) {
    await alice[verb](second.jid, `${name}-there-${run}`, text);
    await arrives(bob, first.jid, `${name}-there-${run}`, text);
    await bob[verb](first.jid, `${name}-back-${run}`, text);
    await arrives(alice, second.jid, `${name}-back-${run}`, text);
  }
});

async function arrives(receiver, from, id, text) {
  const message = await receiver.messages.first((item) => item.id === id, `message ${id}`);
  expect(message.from === from, `${id} came from ${JSON.stringify(message.from)} and not ${JSON.stringify(from)}`);
  expect(message.type === 'chat', `${id} is of type ${message.type}`);
  expect(message.body === text, `${id} arrived changed: ${difference(message.body, text)}`);
}

function difference(actual, expected) {
  if (typeof actual !== 'string') {
    return `no body (${actual})`;
  }
  let index = 0;
  while (index < expected.length && actual[index] === expected[index]) {
    index += 1;
  }
  return `length ${actual.length} for ${expected.length}, at ${index}: `
    + `${JSON.stringify(actual.slice(index, index + 40))} for ${JSON.stringify(expected.slice(index, index + 40))}`;
}

function available(jid) {
  return (presence) => presence.from === jid && presence.type === 'available';
}

function unavailable(jid) {
  return (presence) => presence.from === jid && presence.type === 'unavailable';
}
