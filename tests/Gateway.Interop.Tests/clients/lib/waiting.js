/** Everything a session has received so far, and bounded waits on it: no sleeps, no lost wake-ups. */
export class Inbox {
  #items = [];
  #waiters = new Set();

  /** For who wants to hear of every arrival at once, and not to wait for one. */
  onItem = () => {};

  push(item) {
    this.#items.push(item);
    this.onItem(item);
    for (const waiter of [...this.#waiters]) {
      waiter();
    }
  }

  get items() {
    return this.#items;
  }

  /** The first item for which `matches` holds, whether it is here already or comes within the time. */
  first(matches, what, milliseconds = 20_000) {
    return this.until(() => this.#items.find(matches), what, milliseconds);
  }

  /** Resolves with the first truthy value of `condition`, asked again after every arrival. */
  until(condition, what, milliseconds = 20_000) {
    const now = condition();
    if (now) {
      return Promise.resolve(now);
    }

    return new Promise((resolve, reject) => {
      const check = () => {
        const value = condition();
        if (value) {
          finish();
          resolve(value);
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`no ${what} within ${milliseconds} ms; ${this.#items.length} received: ${summary(this.#items)}`));
      }, milliseconds);
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(check);
      };
      this.#waiters.add(check);
    });
  }
}

export function bounded(promise, what, milliseconds = 20_000) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

function summary(items) {
  const texts = items.slice(-5).map((item) => (item.nodeType ? item.toString() : JSON.stringify(item)));
  return texts.map((text) => (text.length > 200 ? `${text.slice(0, 200)}... (${text.length})` : text)).join(' ');
}
