import { DOMImplementation, DOMParser, XMLSerializer } from '@xmldom/xmldom';
import WebSocket from 'ws';
import { XMLHttpRequest } from './xhr-shim.js';

/** What the libraries expect of a browser. Import this before any of them. */
const storage = new Map();

globalThis.window ??= globalThis;
globalThis.location ??= new URL('http://localhost/');
globalThis.XMLHttpRequest = XMLHttpRequest;
globalThis.WebSocket = WebSocket;
globalThis.DOMParser = DOMParser;
globalThis.XMLSerializer = XMLSerializer;
globalThis.document ??= new DOMImplementation().createDocument('http://www.w3.org/1999/xhtml', 'html', null);
globalThis.sessionStorage ??= {
  getItem: (key) => storage.get(key) ?? null,
  setItem: (key, value) => storage.set(key, String(value)),
  removeItem: (key) => storage.delete(key),
};
