import http from 'node:http';
import https from 'node:https';
import { DOMParser } from '@xmldom/xmldom';

/**
 * As much of XMLHttpRequest as strophe.js uses. It must have responseXML: with responseText alone older
 * versions of strophe.js hang. Two sockets at most, as a browser would need for BOSH.
 */
const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

export class XMLHttpRequest {
  readyState = 0;
  status = 0;
  statusText = '';
  responseText = '';
  responseXML = null;
  onreadystatechange = null;
  #url;
  #method;
  #headers = {};
  #request;
  #answerHeaders = {};

  open(method, url) {
    this.#method = method;
    this.#url = new URL(url);
    this.#moveTo(1);
  }

  overrideMimeType() {}

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#answerHeaders[name.toLowerCase()] ?? null;
  }

  getAllResponseHeaders() {
    return Object.entries(this.#answerHeaders).map(([name, value]) => `${name}: ${value}`).join('\r\n');
  }

  send(body) {
    const payload = Buffer.from(String(body ?? ''), 'utf8');
    const client = this.#url.protocol === 'https:' ? https : http;
    this.#request = client.request(this.#url, {
      method: this.#method,
      agent: agents[this.#url.protocol],
      headers: { ...this.#headers, 'Content-Length': payload.length },
    }, (response) => {
      const chunks = [];
      this.#answerHeaders = response.headers;
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => this.#answered(response, Buffer.concat(chunks).toString('utf8')));
      response.on('error', () => this.#failed());
    });
    this.#request.on('error', () => this.#failed());
    this.#request.end(payload);
  }

  abort() {
    this.onreadystatechange = null;
    this.#request?.destroy();
    this.readyState = 0;
  }

  #answered(response, text) {
    this.status = response.statusCode;
    this.statusText = response.statusMessage;
    this.responseText = text;
    try {
      this.responseXML = text ? new DOMParser().parseFromString(text, 'text/xml') : null;
    } catch {
      this.responseXML = null;
    }
    this.#moveTo(4);
  }

  #failed() {
    this.status = 0;
    this.#moveTo(4);
  }

  #moveTo(state) {
    this.readyState = state;
    this.onreadystatechange?.();
  }
}
