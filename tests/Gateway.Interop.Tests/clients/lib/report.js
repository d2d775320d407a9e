import { bounded } from './waiting.js';

/** Runs named checks one after another and prints one JSON line at the end, whatever happens. */
export class Report {
  #checks = [];
  #printed = false;

  constructor(limitMilliseconds) {
    const watchdog = setTimeout(() => {
      this.#checks.push({ name: 'finished in time', ok: false, detail: `still running after ${limitMilliseconds} ms` });
      this.print();
    }, limitMilliseconds);
    watchdog.unref();
    process.on('unhandledRejection', (error) => {
      this.#checks.push({ name: 'no unhandled rejection', ok: false, detail: String(error?.stack ?? error) });
    });
    process.on('uncaughtException', (error) => {
      this.#checks.push({ name: 'no uncaught exception', ok: false, detail: String(error?.stack ?? error) });
      this.print();
    });
  }

  /** A check that fails is noted and ends the scenario: what follows would only repeat the same failure. */
  async check(name, body, milliseconds = 30_000) {
    try {
      const detail = await bounded(Promise.resolve().then(body), name, milliseconds);
      this.#checks.push({ name, ok: true, detail: detail === undefined ? null : String(detail) });
      return detail;
    } catch (error) {
      this.#checks.push({ name, ok: false, detail: String(error?.stack ?? error) });
      throw error;
    }
  }

  async run(scenario) {
    try {
      await scenario(this);
    } catch (error) {
      if (this.#checks.every((check) => check.ok)) {
        this.#checks.push({ name: 'scenario', ok: false, detail: String(error?.stack ?? error) });
      }
    }
    this.print();
  }

  print() {
    if (this.#printed) {
      return;
    }
    this.#printed = true;
    process.stdout.write(`\n${JSON.stringify({ checks: this.#checks })}\n`, () => process.exit(0));
  }
}

export function expect(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}
