// The page of demo mode: Converse.js, set up for the gateway that serves it. Everything comes from this server.
const secure = location.protocol === 'https:';
const websocketUrl = `${secure ? 'wss' : 'ws'}://${location.host}/xmpp-websocket`;
const boshUrl = `${location.protocol}//${location.host}/http-bind`;
const bosh = new URLSearchParams(location.search).get('transport') === 'bosh';

const element = (id) => document.getElementById(id);
element('websocket-url').textContent = websocketUrl;
element('bosh-url').textContent = boshUrl;
element(bosh ? 'use-bosh' : 'use-websocket').setAttribute('aria-current', 'true');
element('second').setAttribute('href', bosh ? '?transport=websocket' : '?transport=bosh');
element('other').textContent = bosh ? 'WebSocket' : 'BOSH';

// Converse's own footer loads pictures from elsewhere; it leaves an element alone that is already defined.
customElements.define('converse-footer', class extends HTMLElement {
  connectedCallback() {
    this.textContent = 'The chat client is Converse.js, free software under the MPL 2.0.';
  }
});

try {
  const { default: converse } = await import('./converse/converse.min.js');
  await converse.initialize({
    // One of the two and never both: Converse would quietly change over when one fails.
    ...(bosh ? { bosh_service_url: boshUrl } : { websocket_url: websocketUrl }),
    discover_connection_methods: false,
    authentication: 'login',
    default_domain: 'localhost',
    allow_registration: false,
    allow_user_trust_override: 'off',
    auto_reconnect: true,
    view_mode: 'fullscreen',
    assets_path: 'converse',
    i18n: 'en',
    theme: 'nordic',
    dark_theme: 'nordic',
    show_background: false,
    allow_url_history_change: false,
    allow_muc_invitations: false,
    muc_respect_autojoin: false,
    show_desktop_notifications: false,
    play_sounds: false,
    render_media: false,
    show_self_in_roster: false,
    visible_toolbar_buttons: { emoji: true, location: false, call: false, spoiler: false, toggle_occupants: false },
    // The demo server has nothing to offer to these.
    blacklisted_plugins: ['converse-omemo', 'converse-omemo-views', 'converse-push', 'converse-register'],
  });
} catch (error) {
  console.error(error);
  element('missing').hidden = false;
}
