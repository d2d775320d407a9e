/** Any library of sessions/ as a driver (README.md beside this): one argument, its name. */
import readline from 'node:readline';

// Standard output is the protocol's; strophe.js tells every step of every request as debug.
console.log = console.info = console.error;
console.debug = () => {};
const { sessionWith } = await import('../sessions/index.js');

const { XMPP_TRANSPORT, XMPP_URL, XMPP_DOMAIN, XMPP_USER, XMPP_PASSWORD, XMPP_RESOURCE, XMPP_SID, XMPP_RID } = process.env;
const session = await sessionWith({
  library: process.argv[2],
  transport: XMPP_TRANSPORT,
  url: XMPP_URL,
  jid: `${XMPP_USER}@${XMPP_DOMAIN}`,
  password: XMPP_PASSWORD,
  resource: XMPP_RESOURCE,
});
let over = false;
let sent = 0;

session.messages.onItem = ({ from, type, body, condition }) => {
  if (type === 'error') {
    say('error', `message from ${from}: ${condition}`);
  } else if (typeof body === 'string') {
    say('message', from, Buffer.from(body, 'utf8').toString('base64'));
  }
};
session.presences.onItem = ({ from, type }) => say('presence', from, type);
session.errors.onItem = (text) => say('error', text);
session.ended.onItem = () => leave(0);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const lines = readline.createInterface({ input: process.stdin });
lines.on('close', () => over || process.exit(0));
try {
  const { jid } = XMPP_SID ? await session.attach({ sid: XMPP_SID, rid: Number(XMPP_RID) }) : await session.open();
  if (!XMPP_SID) {
    await session.presence();
  }
  lines.on('line', command);
  say('online', jid);
} catch (error) {
  say('error', error.message);
  leave(1);
}

async function command(line) {
  const [name, to, body] = line.split('\t');
  if (name === 'send') {
    sent += 1;
    await session.message(to, `${XMPP_RESOURCE}-${sent}`, Buffer.from(body, 'base64').toString('utf8'));
  } else if (name === 'disconnect') {
    await session.close();
    leave(0);
  } else if (name === 'handover') {
    const { sid, rid } = session.handover;
    say('session', sid, rid);
    process.exit(0);
  }
}

function say(...fields) {
  process.stdout.write(`${fields.map((field) => String(field).replaceAll(/[\t\n]/g, ' ')).join('\t')}\n`);
}

function fail(error) {
  console.error(error);
  say('error', error?.message ?? error);
}

function leave(code) {
  if (!over) {
    over = true;
    process.stdout.write('offline\n', () => process.exit(code));
  }
}
