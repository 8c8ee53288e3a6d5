// Protection of an application: settings, the rules in force, and what to do when the engine fails.

import { failures } from "./engine.mjs";
import { EngineError } from "./errors.mjs";
import { Host, Rules } from "./host.mjs";

/** The names of options as settings have them: `bodyLimit` is `body_limit`. */
function settingsOf(options) {
  const named = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named.map(([name, value]) => [name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`), value]));
}

const NOTHING = Object.freeze({ code: 0, inspected: undefined, document: undefined });

/** One for an application. It takes rules as they come, and makes a `Guarded` of each request. */
export class Protection {
  #host;
  #rules = new Rules();
  #instance;
  #log;
  #onEvent;
  #said = new Set();

  /**
   * `onEvent` is called with what each request came to, `log` with warnings. All else are settings.
   */
  constructor({ onEvent, log = (message) => console.error(`bartizan: ${message}`), ...options } = {}) {
    this.#log = log;
    this.#onEvent = onEvent;
    this.#host = new Host(settingsOf(options));
    this.counts = { requests: 0, blocked: 0, monitored: 0, failures: 0, swaps: 0, refused: 0 };
    this.settings.warnings?.forEach((warning) => this.warn(warning));
  }

  /** The settings in force. */
  get settings() {
    return this.#host.settings;
  }

  /** The rules in force; nothing when there are none. */
  get instance() {
    return this.#instance;
  }

  /** Warns; about the same only once. */
  warn(message) {
    if (this.#said.has(message)) return;
    if (this.#said.size < 1000) this.#said.add(message);
    this.#log(message);
  }

  /** Takes new rules, all or nothing; requests that have begun go on with theirs. Gives what became of the offer. */
  offer(offer) {
    return this.#take(() => this.#rules.offer(offer));
  }

  /** Takes what `saved` gave. */
  restore(saved) {
    return this.#take(() => this.#rules.restore(saved));
  }

  /** The rules in force as bytes, to have them again without their source. */
  saved() {
    return this.#rules.save();
  }

  #take(offered) {
    let outcome;
    try {
      outcome = offered();
    } catch (error) {
      // Rules that break the engine are no rules.
      if (!(error instanceof EngineError)) throw error;
      outcome = { state: "refused", warnings: [`rules refused: ${error.message}`] };
    }
    outcome.warnings?.forEach((warning) => this.#log(warning));
    if (outcome.state === "refused") this.counts.refused += 1;
    if (outcome.state === "changed") {
      // Collecting garbage would come late: what the module holds weighs nothing outside of it.
      this.#instance?.close();
      this.#instance = this.#rules.instance();
      this.counts.swaps += 1;
      // What was said about other rules may be said again.
      this.#said.clear();
    }
    return outcome;
  }

  /** Whether a canary is found and a browser passes; says loudly when not. */
  selfCheck() {
    const problems = this.#instance === undefined ? ["there are no rules"] : this.#checked();
    problems.forEach((problem) => this.warn(`NOT PROTECTED AS IT SHOULD BE: ${problem}`));
    return { ok: problems.length === 0, problems };
  }

  #checked() {
    try {
      return this.#host.selfCheck(this.#instance).problems;
    } catch (error) {
      return [error.message];
    }
  }

  /** The addresses that the rules look at, and which of them were never sent: `{ wanted, sent, never_sent }`. */
  doctor() {
    if (this.#instance === undefined) return { wanted: [], sent: [], never_sent: [] };
    return this.#host.doctor(this.#instance);
  }

  /** One request; nothing when protection is switched off. */
  begin() {
    if (!this.settings.enabled) return undefined;
    this.counts.requests += 1;
    if (this.#instance === undefined) this.warn("there are no rules in force: nothing is looked at");
    return new Guarded(this, this.#instance && this.#host.request(this.#instance));
  }

  /** An evaluation failed. Gives the response that the request gets for it, if any. */
  failed(error) {
    this.counts.failures += 1;
    const closed = this.settings.on_failure === "closed";
    const decided = closed ? "the request is refused" : "the request passes unprotected";
    this.#log(`${error.message}; ${decided} (failure ${this.counts.failures}, engine started ${failures() + 1} times)`);
    return closed ? this.settings.failure_response : undefined;
  }

  /** What a request came to. */
  tell(line) {
    if (line.verdict === "block") this.counts.blocked += 1;
    if (line.verdict === "monitor") this.counts.monitored += 1;
    try {
      this.#onEvent?.(line);
    } catch (error) {
      this.warn(`onEvent failed: ${error.message}`);
    }
  }
}

/** One request under protection. `response` is what it has to be answered with, once that is so. */
export class Guarded {
  #protection;
  #request;
  response;

  constructor(protection, request) {
    this.#protection = protection;
    this.#request = request;
    if (request === undefined && protection.settings.on_failure === "closed") {
      this.response = protection.settings.failure_response;
    }
  }

  /** First line, headers and peer: fields, or a map. */
  start(data) {
    return this.#ask("start", data);
  }

  /** The body, or as much of it as there is to look at. What was looked at is in `inspected` of the answer. */
  body(bytes, complete) {
    return this.#ask("body", bytes, complete);
  }

  /** What the application says about a user or its business. */
  event(document) {
    return this.#ask("event", document);
  }

  /** Addresses as they are. */
  eval(addresses, subcontext) {
    return this.#ask("eval", addresses, subcontext);
  }

  /** Status and headers of the response: fields, or a map. */
  respond(data) {
    return this.#ask("response", data);
  }

  /** The body of the response. */
  responseBody(bytes, complete) {
    return this.#ask("responseBody", bytes, complete);
  }

  #ask(name, data, flag) {
    if (this.#request === undefined) return NOTHING;
    let answer;
    try {
      answer = this.#request[name](data, flag);
    } catch (error) {
      if (error.code === "document") {
        this.#protection.warn(`${name} was not looked at: ${error.message}`);
        return NOTHING;
      }
      this.#over();
      this.response ??= this.#protection.failed(error);
      return NOTHING;
    }
    const { document } = answer;
    document?.warnings?.forEach((warning) => this.#protection.warn(warning));
    const keeps = name !== "event" || data.event !== "is_user_blocked";
    if (answer.code === 2 && keeps) this.response ??= document.response;
    return answer;
  }

  /** Ends the request, and tells what it came to. */
  finish() {
    if (this.#request === undefined) return;
    try {
      const line = this.#request.finish();
      if (line !== undefined) this.#protection.tell(line);
    } catch (error) {
      this.#protection.failed(error);
    }
    this.#over();
  }

  #over() {
    this.#request?.close();
    this.#request = undefined;
  }
}
