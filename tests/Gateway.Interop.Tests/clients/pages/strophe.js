// One login of a strophe.js as a page has it; the test calls `session` and waits for what `seen` holds: lines as those of
// drivers/README.md, as arrays. They are in sessionStorage, so a reload of the page does not lose what was seen before it.
const builds = {
  strophe5: '/modules/strophe5/dist/strophe.umd.cjs',
  strophe16: '/modules/strophe16/dist/strophe.umd.js',
  strophe12: '/modules/strophe12/strophe.js',
};
await new Promise((resolve, reject) => {
  const script = document.createElement('script');
  script.src = builds[new URLSearchParams(location.search).get('library')];
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});

const { Strophe, $msg, $pres } = globalThis;
const seen = JSON.parse(sessionStorage.getItem('seen') ?? '[]');
let connection;

function note(...fields) {
  seen.push(fields);
  sessionStorage.setItem('seen', JSON.stringify(seen));
}

function listen() {
  connection.addHandler((stanza) => {
    const body = Array.from(stanza.childNodes).find((child) => child.nodeName === 'body');
    if (body) {
      note('message', stanza.getAttribute('from'), body.textContent);
    }
    return true;
  }, null, 'message');
}

function changed(status, condition) {
  const { CONNECTED, ATTACHED, DISCONNECTED, CONNFAIL, AUTHFAIL, ERROR } = Strophe.Status;
  if (status === CONNECTED) {
    const again = connection.restored;
    listen();
    if (!again) {
      connection.send($pres());
    }
    note(again ? 'resumed' : 'online', connection.jid);
  } else if (status === ATTACHED) {
    listen();
    note('attached', connection.jid);
  } else if (status === DISCONNECTED) {
    note('offline', String(condition));
  } else if ([CONNFAIL, AUTHFAIL, ERROR].includes(status)) {
    note('error', String(condition));
  }
}

globalThis.session = {
  seen,
  open: (url, options) => { connection = new Strophe.Connection(url, options); },
  logIn: (jid, password) => connection.connect(jid, password, changed),
  attach: (jid, sid, rid) => connection.attach(jid, sid, rid, changed),
  restore: () => connection.restore(null, changed),
  send: (to, body) => connection.send($msg({ to, type: 'chat' }).c('body').t(body)),
  handOver: () => [connection._proto.sid, String(connection._proto.rid)],
  disconnect: () => connection.disconnect('done'),
  // strophe's documented way to say goodbye from a page that goes.
  leaveWithThePage: () => addEventListener('pagehide', () => {
    connection.options.sync = true;
    connection.flush();
    connection.disconnect();
  }),
};
