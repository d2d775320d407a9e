import { Client, xml } from '@xmpp/client-core';
import tcp from '@xmpp/tcp';
import tls from '@xmpp/tls';
import middleware from '@xmpp/middleware';
import streamFeatures from '@xmpp/stream-features';
import iqCaller from '@xmpp/iq/caller.js';
import starttls from '@xmpp/starttls';
import sasl from '@xmpp/sasl';
import scram from '@xmpp/sasl-scram-sha-1';
import resourceBinding from '@xmpp/resource-binding';
import SASLFactory from 'saslmechanisms';
import { Inbox, bounded } from './waiting.js';

/**
 * A session straight to the XMPP server over TCP and STARTTLS, past the gateway: what it sees is what the server
 * knows. Built from the parts of @xmpp/client, without its stream management (it miscounts, see sessions/xmppjs.js).
 * The server's certificate authority comes in through NODE_EXTRA_CA_CERTS.
 */
export class DirectObserver {
  messages = new Inbox();
  presences = new Inbox();
  #entity;
  #iq;

  constructor({ server, jid, resource, password }) {
    const [username, domain] = jid.split('@');
    const entity = new Client({ service: `xmpp://${server}`, domain });
    entity.timeout = 10_000;
    tcp({ entity });
    tls({ entity });
    const chain = middleware({ entity });
    const features = streamFeatures({ middleware: chain });
    const iq = iqCaller({ middleware: chain, entity });
    const mechanisms = new SASLFactory();
    scram(mechanisms);
    starttls({ streamFeatures: features });
    sasl({ streamFeatures: features, saslFactory: mechanisms },
      (authenticate, offered) => authenticate({ username, password }, offered[0]));
    resourceBinding({ iqCaller: iq, streamFeatures: features }, resource);

    this.errors = [];
    entity.on('error', (error) => this.errors.push(String(error)));
    entity.on('stanza', (stanza) => {
      const { from, id, type } = stanza.attrs;
      if (stanza.is('message')) {
        this.messages.push({ from, id, type, body: stanza.getChildText('body') });
      } else if (stanza.is('presence')) {
        this.presences.push({ from, type: type ?? 'available' });
      }
    });
    this.#entity = entity;
    this.#iq = iq;
  }

  async open() {
    const jid = await bounded(this.#entity.start(), 'login of the observer');
    await this.#entity.send(xml('presence'));
    return jid.toString();
  }

  message(to, id, body) {
    return this.#entity.send(xml('message', { to, id, type: 'chat' }, xml('body', {}, body)));
  }

  /** The server works off a stream in order: when it answers this, it has routed all that was sent before. */
  routed() {
    return bounded(this.#iq.get(xml('ping', 'urn:xmpp:ping')), 'ping of the observer');
  }

  async close() {
    await bounded(this.#entity.stop(), 'end of the observer');
  }
}
