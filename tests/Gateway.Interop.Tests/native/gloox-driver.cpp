// gloox: BOSH in its three ways to use HTTP (the argument: legacy, persistent or pipelining), and TCP. clients/drivers/README.md has the protocol.
#include <gloox/base64.h>
#include <gloox/client.h>
#include <gloox/connectionbosh.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpclient.h>
#include <gloox/connectiontls.h>
#include <gloox/error.h>
#include <gloox/loghandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/presencehandler.h>
#include <gloox/tlsdefault.h>

#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <string>
#include <unistd.h>

using namespace gloox;

static std::string setting(const char *name)
{
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

static void report(const std::string &line)
{
    std::cout << line << std::endl;
}

class Driver : ConnectionListener, MessageHandler, PresenceHandler, LogHandler
{
public:
    explicit Driver(const std::string &mode)
        : client_(JID(setting("XMPP_USER") + "@" + setting("XMPP_DOMAIN") + "/" + setting("XMPP_RESOURCE")), setting("XMPP_PASSWORD"))
    {
        client_.registerConnectionListener(this);
        client_.registerMessageHandler(this);
        client_.registerPresenceHandler(this);
        client_.logInstance().registerLogHandler(LogLevelDebug, LogAreaAll, this);
        if (setting("XMPP_TRANSPORT") == "bosh")
            overBosh(setting("XMPP_URL"), mode);
        else
            overTcp();
    }

    int run()
    {
        if (!client_.connect(false))
        {
            report("error\tno connection\noffline");
            return 1;
        }

        // gloox waits in select() of its own: commands have their turn between two short waits. An error is no end, and comes
        // at once: in legacy mode there is no connection between an answer and the next request.
        while (!ended_)
            readCommands(client_.recv(5000) == ConnNoError ? 0 : 5);
        return online_ ? 0 : 1;
    }

private:
    void overTcp()
    {
        client_.setServer(setting("XMPP_HOST"));
        client_.setPort(std::atoi(setting("XMPP_PORT").c_str()));
        client_.setTls(TLSRequired);
        // Neither Client::setCACerts nor the argument of init() arrives at GnuTLS (1.0.24).
        auto *tls = new TLSDefault(&client_, setting("XMPP_DOMAIN"));
        tls->init();
        tls->setCACerts(StringList{setting("XMPP_CA")});
        client_.setEncryptionImpl(tls);
    }

    void overBosh(const std::string &url, const std::string &mode)
    {
        const bool secure = url.rfind("https:", 0) == 0;
        const auto begin = url.find("//") + 2;
        const auto path = url.find('/', begin);
        const auto colon = url.rfind(':', path);
        const std::string host = url.substr(begin, colon - begin);
        const int port = std::atoi(url.c_str() + colon + 1);
        ConnectionBase *connection = new ConnectionTCPClient(client_.logInstance(), host, port);
        if (secure)
        {
            auto *tls = new ConnectionTLS(connection, client_.logInstance());
            tls->setServer(host);
            tls->setCACerts(StringList{setting("XMPP_CA")});
            connection = tls;
        }

        auto *bosh = new ConnectionBOSH(&client_, connection, client_.logInstance(), host, setting("XMPP_DOMAIN"));
        bosh->setPath(url.substr(path));
        bosh->setMode(mode == "pipelining" ? ConnectionBOSH::ModePipelining
                      : mode == "legacy"   ? ConnectionBOSH::ModeLegacyHTTP
                                           : ConnectionBOSH::ModePersistentHTTP);
        client_.setTls(TLSDisabled); // that of HTTP is below
        client_.setConnectionImpl(bosh);
    }

    void readCommands(int milliseconds)
    {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (!ended_ && poll(&input, 1, milliseconds) > 0)
        {
            char buffer[65536];
            const auto count = read(STDIN_FILENO, buffer, sizeof buffer);
            if (count <= 0)
                _exit(0); // no goodbye
            commands_.append(buffer, static_cast<size_t>(count));
            for (auto end = commands_.find('\n'); end != std::string::npos && !ended_; end = commands_.find('\n'))
            {
                const std::string line = commands_.substr(0, end);
                commands_.erase(0, end + 1);
                obey(line);
            }
        }
    }

    void obey(const std::string &line)
    {
        if (line.rfind("send\t", 0) == 0)
        {
            const auto tab = line.find('\t', 5);
            client_.send(Message(Message::Chat, JID(line.substr(5, tab - 5)), Base64::decode64(line.substr(tab + 1))));
        }
        else if (line == "disconnect")
            client_.disconnect();
        else
            report("error\tunknown command");
    }

    void onConnect() override
    {
        online_ = true;
        report("online\t" + client_.jid().full());
    }

    void onDisconnect(ConnectionError reason) override
    {
        if (reason != ConnUserDisconnected)
            report("error\tConnectionError " + std::to_string(reason) + ", AuthenticationError " + std::to_string(client_.authError()));
        report("offline");
        ended_ = true;
    }

    bool onTLSConnect(const CertInfo &info) override
    {
        if (info.status != CertOk)
            report("error\tcertificate status " + std::to_string(info.status));
        return info.status == CertOk;
    }

    void handleMessage(const Message &message, MessageSession *) override
    {
        if (message.subtype() == Message::Error)
            report("error\tmessage from " + message.from().full() + ": " + (message.error() ? std::to_string(message.error()->error()) : "?"));
        else if (!message.body().empty())
            report("message\t" + message.from().full() + "\t" + Base64::encode64(message.body()));
    }

    void handlePresence(const Presence &presence) override
    {
        const char *type = presence.subtype() == Presence::Unavailable ? "unavailable"
                           : presence.subtype() == Presence::Error     ? "error"
                                                                       : "available";
        report("presence\t" + presence.from().full() + "\t" + type);
    }

    void handleLog(LogLevel level, LogArea area, const std::string &message) override
    {
        std::cerr << level << ' ' << area << ' ' << message << '\n';
    }

    Client client_;
    std::string commands_;
    bool online_ = false;
    bool ended_ = false;
};

int main(int count, char **arguments)
{
    return Driver(count > 1 ? arguments[1] : "").run();
}
