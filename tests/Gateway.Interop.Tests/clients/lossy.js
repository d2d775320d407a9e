/**
 * BOSH over a bad network: answers that the server has sent never reach alice's strophe.js, which repeats the requests.
 * Nothing may be lost or doubled in either direction; bob sits past the gateway.
 * One argument: JSON with client, url, server, domain, password, run.
 */
import { DirectObserver } from './lib/direct-observer.js';
import { Report, expect } from './lib/report.js';
import { XMLHttpRequest } from './lib/xhr-shim.js';
import { StropheSession } from './sessions/strophe.js';

const { client, url, server, domain, password, run } = JSON.parse(process.argv[2]);
const batch = 10;

const report = new Report(100_000);
await report.run(async () => {
  const bob = new DirectObserver({ server, jid: `bob@${domain}`, password, resource: `bob-${run}` });
  const alice = new StropheSession({ library: client, url, jid: `alice@${domain}`, password, resource: `alice-${run}` });
  const sentByAlice = [];
  const sentByBob = [];

  const bobJid = await report.check('observer', () => bob.open());
  const aliceJid = await report.check('login', async () => (await alice.open()).jid);
  await alice.presence();

  await report.check('all answers arrive', exchanged);
  await report.check('one answer lost', async () => {
    XMLHttpRequest.loseAnswers(1);
    await exchanged();
    expect(XMLHttpRequest.lost === 1, `${XMLHttpRequest.lost} answers were lost`);
  });
  await report.check('two answers in a row lost', async () => {
    XMLHttpRequest.loseAnswers(2);
    await exchanged();
    expect(XMLHttpRequest.lost === 3, `${XMLHttpRequest.lost} answers were lost`);
  }, 50_000);

  await report.check('unavailable', async () => {
    await alice.close();
    await bob.presences.first(({ from, type }) => from === aliceJid && type === 'unavailable', 'unavailable of alice');
  });
  await report.check('observer leaves', () => bob.close());

  async function exchanged() {
    for (let number = 0; number < batch; number += 1) {
      const [there, back] = [`a${sentByAlice.length}-${run}`, `b${sentByBob.length}-${run}`];
      sentByAlice.push(there);
      sentByBob.push(back);
      alice.message(bobJid, there, there);
      await bob.message(aliceJid, back, back);
    }
    await bob.messages.first(({ id }) => id === sentByAlice.at(-1), 'last message at bob', 40_000);
    await alice.messages.first(({ id }) => id === sentByBob.at(-1), 'last message at alice', 40_000);
    compare('bob received', bob, sentByAlice);
    compare('alice received', alice, sentByBob);
  }
});

function compare(what, end, expected) {
  const actual = end.messages.items.map(({ id }) => id).filter((id) => id?.endsWith(`-${run}`));
  expect(actual.join() === expected.join(), `${what} ${actual} instead of ${expected}`);
}
