// What every host does, on top of the engine: requests, users and events, rules that come while serving.

import { bytesOf } from "./document.mjs";
import { Slot, broken, call, copy, put, putBytes, putLatin1, taken } from "./engine.mjs";
import { EngineError } from "./errors.mjs";
import * as glue from "./glue.mjs";
import { Instance, slotOf } from "./session.mjs";

const INSPECTED = [undefined, "none", "partial", "full"];

/** An error of a call that refused. */
function refused(code) {
  return new EngineError(code === -2 ? "document" : "failed", taken(glue.output_len()));
}

/** Settings, and an account of which addresses were ever sent. */
export class Host {
  #slot;

  /** Settings by name, or `environment` with variables; what cannot be is told in `settings.warnings`. */
  constructor(settings = {}) {
    const bytes = copy(put(settings));
    this.#slot = new Slot(() => {
      putBytes(bytes);
      const raw = glue.Host.with_settings(bytes.length);
      if (raw === undefined) throw new EngineError("document", "the settings are no map");
      return raw;
    });
    /** The settings in force. */
    this.settings = call(() => JSON.parse(taken(this.#slot.get().settings())));
  }

  /** Whether rules find a canary and let a browser pass: `{ ok, problems }`. */
  selfCheck(instance) {
    return call(() => {
      this.#slot.get().self_check(slotOf(instance).get(), Math.floor(Date.now() / 1000));
      return JSON.parse(taken(glue.output_len()));
    });
  }

  /** The addresses that rules look at, and which of them were never sent: `{ wanted, sent, never_sent }`. */
  doctor(instance) {
    return call(() => JSON.parse(taken(this.#slot.get().doctor(slotOf(instance).get()))));
  }

  /** One request, evaluated with the rules of an instance. */
  request(instance, { now, entropy } = {}) {
    return new HostRequest(this.#slot, slotOf(instance), now, entropy);
  }
}

/**
 * One request. Each call gives `{ code, inspected, document }`: with code 0 there is no document and nothing to do,
 * with 2 the request is to be answered with `document.response`.
 */
export class HostRequest {
  #slot;
  /** What was called, to have the same state again when the engine was started anew. */
  #journal = [];
  #failed = false;

  constructor(host, instance, now = Math.floor(Date.now() / 1000), entropy) {
    const low = entropy === undefined ? (Math.random() * 0x100000000) >>> 0 : Number(entropy & 0xffffffffn);
    const high = entropy === undefined ? (Math.random() * 0x100000000) >>> 0 : Number(entropy >> 32n);
    this.#slot = new Slot(() => {
      const raw = host.get().request(instance.get(), now, low, high);
      for (const [name, bytes, flag] of this.#journal) {
        putBytes(bytes);
        raw[name](bytes.length, flag);
      }
      return raw;
    });
  }

  /** First line, headers and peer: fields that are latin-1 text, or a map. */
  start(data) {
    return this.#run("start", data);
  }

  /** The body, or as much of it as there is to look at. */
  body(bytes, complete = true) {
    return this.#run("body", bytes, complete);
  }

  /** What the application says about a user or its business. */
  event(document) {
    return this.#run("event", document);
  }

  /** Addresses as they are; with `subcontext` nothing of them is remembered. */
  eval(addresses, subcontext = false) {
    return this.#run("eval", addresses, subcontext);
  }

  /** Status and headers of the response: fields, or a map. */
  response(data) {
    return this.#run("response", data);
  }

  /** The body of the response, or as much of it as there is to look at. */
  responseBody(bytes, complete = true) {
    return this.#run("response_body", bytes, complete);
  }

  /** What the request came to; nothing when it came to nothing, unless `always`. */
  finish(always = false) {
    const raw = this.#open();
    const code = call(() => raw.finish(always));
    return code === 0 ? undefined : JSON.parse(taken(code >> 6));
  }

  /** Gives the memory back. */
  close() {
    this.#slot?.drop();
    this.#slot = undefined;
    this.#journal = [];
  }

  #open() {
    if (this.#failed) throw new EngineError("failed", "the engine failed on this request before");
    if (this.#slot === undefined) throw new EngineError("closed", "the request is closed");
    return this.#slot.get();
  }

  #run(name, data, flag) {
    const raw = this.#open();
    const length = Array.isArray(data) ? putLatin1([data.length + 1, ...data].join("\0")) : put(data);
    const bytes = copy(length);
    let code;
    try {
      code = raw[name](length, flag);
    } catch (cause) {
      this.#failed = true;
      throw broken(cause);
    }
    if (code < 0) throw refused(code);
    this.#journal.push([name, bytes, flag]);
    if (code === 0) return NOTHING;
    const inspected = INSPECTED[(code >> 4) & 3];
    const told = (code & 3) === 0 ? undefined : JSON.parse(taken(code >> 6));
    return { code: code & 3, inspected, document: told };
  }
}
if (Symbol.dispose) HostRequest.prototype[Symbol.dispose] = HostRequest.prototype.close;

const NOTHING = Object.freeze({ code: 0, inspected: undefined, document: undefined });

/** The rules in force, and what is offered in their place. */
export class Rules {
  #saved;
  #slot = new Slot(() => restored(this.#saved));

  /** Takes an offer, and gives what became of it: `state` is `changed`, `unchanged` or `refused`. */
  offer(document) {
    return this.#take("offer", document);
  }

  /** Takes what `save` gave. */
  restore(saved) {
    return this.#take("restore", saved);
  }

  /** What is in force, to be kept; nothing when that is nothing. */
  save() {
    return this.#saved;
  }

  /** The instance in force; nothing when there is none. */
  instance() {
    const saved = this.#saved;
    const built = call(() => this.#slot.get().instance());
    if (built === undefined) return undefined;
    return new Instance(
      new Slot(() => {
        const raw = restored(saved);
        const instance = raw.instance();
        raw.free();
        return instance;
      }, built),
    );
  }

  #take(name, document) {
    const raw = this.#slot.get();
    const length = put(document);
    const code = call(() => raw[name](length));
    if (code < 0) throw refused(code);
    const outcome = JSON.parse(taken(glue.output_len()));
    const saved = call(() => raw.save());
    this.#saved = saved === 0 ? undefined : bytesOf(taken(saved));
    return outcome;
  }
}

function restored(saved) {
  const raw = new glue.Rules();
  if (saved !== undefined) raw.restore(putBytes(saved));
  return raw;
}
