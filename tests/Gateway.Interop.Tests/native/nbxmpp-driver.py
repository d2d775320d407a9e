#!/usr/bin/python3
"""nbxmpp (Gajim): WebSocket and TCP. clients/drivers/README.md has the protocol."""
import base64
import logging
import os
import sys

import gi

gi.require_version('Soup', '3.0')
from gi.repository import Gio, GLib  # noqa: E402
from nbxmpp.client import Client  # noqa: E402
from nbxmpp.const import ConnectionProtocol, ConnectionType  # noqa: E402
from nbxmpp.protocol import JID, Message, Presence  # noqa: E402
from nbxmpp.structs import StanzaHandler  # noqa: E402

ENV = os.environ


def report(*words):
    print(*words, sep='\t', flush=True)


class Driver:
    def __init__(self):
        self._input = b''
        self._was_online = False
        self._client = client = Client('driver')
        client.set_domain(ENV['XMPP_DOMAIN'])
        client.set_username(ENV['XMPP_USER'])
        client.set_password(ENV['XMPP_PASSWORD'])
        client.set_resource(ENV['XMPP_RESOURCE'])
        if ENV['XMPP_TRANSPORT'] == 'websocket':
            secure = ENV['XMPP_URL'].startswith('wss:')
            client.set_custom_host(ENV['XMPP_URL'], ConnectionProtocol.WEBSOCKET,
                                   ConnectionType.DIRECT_TLS if secure else ConnectionType.PLAIN)
        else:
            client.set_custom_host(f"{ENV['XMPP_HOST']}:{ENV['XMPP_PORT']}", ConnectionProtocol.TCP,
                                   ConnectionType.START_TLS)
        client.subscribe('connected', self._online)
        client.subscribe('disconnected', self._offline)
        client.subscribe('connection-failed', self._offline)
        client.register_handler(StanzaHandler(name='message', callback=self._message))
        client.register_handler(StanzaHandler(name='presence', callback=self._presence))
        client.connect()
        GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, self._command)

    def _online(self, client, _signal):
        self._was_online = True
        client.send_stanza(Presence())
        report('online', client.get_bound_jid())

    def _offline(self, client, _signal):
        domain, error, text = client.get_error()
        if domain is not None and error != 'stream-end':
            report('error', f'{domain} {error} {text}')
        report('offline')
        os._exit(0 if self._was_online else 1)

    def _message(self, _client, stanza, _properties):
        body = stanza.getBody()
        if stanza.getType() == 'error':
            report('error', f'message from {stanza.getFrom()}: {stanza.getError()}')
        elif body:
            report('message', stanza.getFrom(), base64.b64encode(body.encode()).decode())

    def _presence(self, _client, stanza, _properties):
        report('presence', stanza.getFrom(), stanza.getType() or 'available')

    def _command(self, _fd, _condition):
        data = os.read(0, 65536)
        if not data:
            os._exit(0)  # no goodbye
        *lines, self._input = (self._input + data).split(b'\n')
        for line in lines:
            match line.decode().split('\t'):
                case ['send', to, body]:
                    text = base64.b64decode(body).decode()
                    self._client.send_stanza(Message(to=JID.from_string(to), body=text, typ='chat'))
                case ['disconnect']:
                    self._client.disconnect()
                case _:
                    report('error', 'unknown command')
        return True


def main():
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    if ENV.get('XMPP_CA'):
        Gio.TlsBackend.get_default().set_default_database(Gio.TlsFileDatabase.new(ENV['XMPP_CA']))
    driver = Driver()  # noqa: F841
    GLib.MainLoop().run()


main()
