"""slixmpp as a native peer: TCP and STARTTLS, straight to the server (drivers/README.md)."""
import asyncio
import base64
import logging
import os
import ssl
import sys

# The folder of this script comes first on the path, where this file would be taken for the library.
sys.path.pop(0)

import slixmpp  # noqa: E402


def say(*fields):
    print("\t".join(str(field) for field in fields), flush=True)


def leave(code):
    sys.stdout.flush()
    os._exit(code)


class Driver(slixmpp.ClientXMPP):
    def __init__(self, environment):
        user = f"{environment['XMPP_USER']}@{environment['XMPP_DOMAIN']}/{environment['XMPP_RESOURCE']}"
        super().__init__(user, environment["XMPP_PASSWORD"])
        self.ca_certs = environment["XMPP_CA"]
        self.auto_reconnect = False
        self.whitespace_keepalive = False
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("presence", self.presence)
        self.add_event_handler("failed_all_auth", lambda _: self.failed("no mechanism worked"))
        self.add_event_handler("connection_failed", lambda why: self.failed(f"no connection: {why}"))
        self.add_event_handler("disconnected", lambda _: self.ended())
        # Every message: the event 'message' leaves out the errors.
        self.register_handler(slixmpp.xmlstream.handler.Callback(
            "every message", slixmpp.xmlstream.matcher.StanzaPath("message"), self.message))

    def started(self, _):
        self.send_presence()
        say("online", self.boundjid.full)
        asyncio.ensure_future(self.commands())

    def message(self, stanza):
        if stanza["type"] == "error":
            say("error", f"message from {stanza['from']}: {stanza['error']['condition']}")
            return
        body = stanza.xml.find("{jabber:client}body")
        if body is not None:
            say("message", stanza["from"], base64.b64encode((body.text or "").encode()).decode())

    def presence(self, stanza):
        say("presence", stanza["from"], stanza.xml.get("type") or "available")

    def failed(self, why):
        say("error", why)
        say("offline")
        leave(1)

    def ended(self):
        say("offline")
        leave(0)

    async def commands(self):
        reader = asyncio.StreamReader(limit=1 << 24)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            name, *fields = line.decode().rstrip("\n").split("\t")
            if name == "send":
                self.send_message(mto=fields[0], mbody=base64.b64decode(fields[1]).decode(), mtype="chat")
            elif name == "disconnect":
                self.disconnect()
                return
        leave(0)


logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
driver = Driver(os.environ)
driver.connect((os.environ["XMPP_HOST"], int(os.environ["XMPP_PORT"])))
driver.loop.run_forever()
