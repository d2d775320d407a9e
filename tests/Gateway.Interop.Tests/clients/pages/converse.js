// Converse.js for whatever gateway the address names: ?websocket=URL or ?bosh=URL.
const parameters = new URLSearchParams(location.search);

// Its own footer loads pictures from elsewhere.
customElements.define('converse-footer', class extends HTMLElement {});

const { default: converse } = await import('/converse/converse.min.js');
await converse.initialize({
  ...(parameters.has('bosh') ? { bosh_service_url: parameters.get('bosh') } : { websocket_url: parameters.get('websocket') }),
  discover_connection_methods: false,
  authentication: 'login',
  // After a reload it goes on, or logs in again with the keys that it kept.
  auto_login: sessionStorage.getItem('again') === 'yes',
  allow_registration: false,
  view_mode: 'fullscreen',
  assets_path: '/converse',
  i18n: 'en',
  show_background: false,
  allow_url_history_change: false,
  allow_muc_invitations: false,
  muc_respect_autojoin: false,
  show_desktop_notifications: false,
  play_sounds: false,
  render_media: false,
  show_self_in_roster: false,
  blacklisted_plugins: ['converse-omemo', 'converse-omemo-views', 'converse-push', 'converse-register'],
});
sessionStorage.setItem('again', 'yes');
