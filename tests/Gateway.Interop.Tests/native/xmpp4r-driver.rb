#!/usr/bin/ruby
# xmpp4r: BOSH (its HTTPBinding client). clients/drivers/README.md has the protocol.
require 'base64'
require 'xmpp4r'
require 'xmpp4r/httpbinding'

$stdout.sync = true
# REXML counts even &lt; as an expansion, and gives up after 10 KiB of text.
REXML::Security.entity_expansion_text_limit = 1 << 24

# 0.5.6 comes now and then, with nothing to send, to a line that calls this and does not have it: a comment has eaten the
# condition of the `elsif` before it.
def Jabber.errorlog(text)
  Jabber.debuglog(text)
end

def report(*words)
  $stdout.write("#{words.join("\t")}\n")
end

jid = Jabber::JID.new("#{ENV.fetch('XMPP_USER')}@#{ENV.fetch('XMPP_DOMAIN')}/#{ENV.fetch('XMPP_RESOURCE')}")

client = Jabber::HTTPBinding::Client.new(jid)

client.on_exception do |error, _, where|
  report('error', "#{where}: #{error&.message}") if error
  report('offline')
  exit!(error ? 1 : 0)
end
client.add_message_callback do |message|
  if message.type == :error
    report('error', "message from #{message.from}: #{message.error&.error}")
  elsif message.body
    report('message', message.from, Base64.strict_encode64(message.body))
  end
end
client.add_presence_callback { |presence| report('presence', presence.from, presence.type || 'available') }
begin
  client.connect(ENV.fetch('XMPP_URL'))
  client.auth(ENV.fetch('XMPP_PASSWORD'))
rescue StandardError => e
  report('error', e.message)
  report('offline')
  exit!(1)
end
client.send(Jabber::Presence.new)
report('online', client.jid)

while (line = $stdin.gets)
  command, to, body = line.chomp.split("\t")
  case command
  when 'send'
    message = Jabber::Message.new(to, Base64.decode64(body).force_encoding('UTF-8'))
    message.type = :chat
    client.send(message)
    # It posts in a thread of its own, and counts the request only there: without a pause a burst is out of order and above
    # `requests`, for which the session is ended (XEP-0124 §12).
    sleep(0.15)
  when 'disconnect'
    client.close
    report('offline')
    exit!(0)
  else
    report('error', 'unknown command')
  end
end
exit!(0) # no goodbye
