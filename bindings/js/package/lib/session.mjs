// Builder, instance and context over documents.

import { bytesOf } from "./document.mjs";
import { Slot, broken, call, copy, put, putBytes, taken } from "./engine.mjs";
import { EngineError } from "./errors.mjs";
import * as glue from "./glue.mjs";

const BATCHES = 2;
const UNLIMITED = Infinity;

/** What comes with an evaluation; the rest is from the host's clock and chance. */
function chosen(options) {
  const { now, entropy, budget, timeoutMs, deadline, batches } = options ?? {};
  let timeout = UNLIMITED;
  if (timeoutMs !== undefined) timeout = positive("timeoutMs", timeoutMs);
  if (deadline !== undefined) timeout = Math.min(timeout, Math.max(0, positive("deadline", deadline) - performance.now()));
  const ids = entropy === undefined ? undefined : BigInt.asUintN(64, whole("entropy", entropy));
  return {
    now: now === undefined ? Math.floor(Date.now() / 1000) : Number(whole("now", now)),
    // Ids need to be distinct, not secret, so the host's plain chance is enough.
    low: ids === undefined ? (Math.random() * 0x100000000) >>> 0 : Number(ids & 0xffffffffn),
    high: ids === undefined ? (Math.random() * 0x100000000) >>> 0 : Number(ids >> 32n),
    budget: budget === undefined ? UNLIMITED : Number(whole("budget", budget)),
    timeout: timeout * 1e6,
    flags: batches ? BATCHES : 0,
  };
}

function whole(name, value) {
  if (typeof value === "bigint" && BigInt.asUintN(64, value) === value) return value;
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TypeError(`\`${name}\` is not a whole number that is not negative`);
}

function positive(name, value) {
  if (typeof value === "number" && value >= 0) return value;
  throw new TypeError(`\`${name}\` is not a number that is not negative`);
}

/** Has `using` close what a class makes. */
function disposable(kind) {
  if (Symbol.dispose) kind.prototype[Symbol.dispose] = kind.prototype.close;
}

function open(slot, what) {
  if (slot === undefined) throw new EngineError("closed", `the ${what} is closed`);
  return slot;
}

/** The bytes of a path. */
function named(path) {
  if (typeof path !== "string" || path === "") throw new TypeError("the path is not a text, or empty");
  return bytesOf(path);
}

/** A builder inside that holds configurations. */
function builder(configs) {
  const raw = new glue.Builder();
  for (const [path, config] of configs) {
    const name = bytesOf(path);
    putBytes(name, config);
    raw.update(name.length, config.length);
  }
  return raw;
}

/** Collects configuration documents under paths. */
export class Builder {
  /** What was accepted, to have it again when the engine was started anew. */
  #configs = new Map();
  #slot = new Slot(() => builder(this.#configs));

  /**
   * Adds or replaces the configuration of a path. When it is not accepted, what the path held before stays in force.
   */
  update(path, config) {
    const name = named(path);
    const slot = open(this.#slot, "builder");
    const bytes = copy(put(config));
    return call(() => {
      const raw = slot.get();
      putBytes(name, bytes);
      const accepted = raw.update(name.length, bytes.length);
      const diagnostics = JSON.parse(taken(glue.output_len()));
      if (accepted) this.#configs.set(path, bytes);
      return { accepted, diagnostics };
    });
  }

  /** As `update`, for a path that is new. */
  add(path, config) {
    if (this.#configs.has(path)) throw new TypeError(`the path ${path} is there already; \`update\` replaces it`);
    return this.update(path, config);
  }

  /** Removes a path; false when it is not known. */
  remove(path) {
    const name = named(path);
    const slot = open(this.#slot, "builder");
    const removed = call(() => {
      const raw = slot.get();
      putBytes(name);
      return raw.remove(name.length);
    });
    if (removed) this.#configs.delete(path);
    return removed;
  }

  /** The paths, in order of first addition. */
  paths() {
    const slot = open(this.#slot, "builder");
    return call(() => JSON.parse(taken(slot.get().paths())));
  }

  /** An instance of the configuration as it stands; nothing when nothing in it would ever run. */
  build() {
    const slot = open(this.#slot, "builder");
    const configs = [...this.#configs];
    const built = call(() => slot.get().build());
    if (built === undefined) return undefined;
    return new Instance(
      new Slot(() => {
        const raw = builder(configs);
        const instance = raw.build();
        raw.free();
        return instance;
      }, built),
    );
  }

  /** Gives the memory back; instances live on. */
  close() {
    this.#slot?.drop();
    this.#slot = undefined;
  }
}
disposable(Builder);

/** Where the other classes find what is inside an instance. */
export function slotOf(instance) {
  return Instance.slotOf(instance);
}

/** What evaluates; it never changes. Made by a builder. */
export class Instance {
  #slot;

  static slotOf(instance) {
    if (!(instance instanceof Instance)) throw new TypeError("this is no instance");
    return open(instance.#slot, "instance");
  }

  constructor(slot) {
    if (!(slot instanceof Slot)) throw new TypeError("an instance is made by `build()` of a builder");
    this.#slot = slot;
  }

  /** The addresses that rules look at. */
  addresses() {
    const slot = open(this.#slot, "instance");
    return call(() => JSON.parse(taken(slot.get().addresses())));
  }

  /** The types of actions that can be asked for. */
  actions() {
    const slot = open(this.#slot, "instance");
    return call(() => JSON.parse(taken(slot.get().actions())));
  }

  /** A context for one request. */
  context() {
    return new Context(open(this.#slot, "instance"), [], undefined);
  }

  /** Gives the memory back; contexts live on. */
  close() {
    this.#slot?.drop();
    this.#slot = undefined;
  }
}
disposable(Instance);

/** One request: what it has shown so far, and what has been reported of it. Made by an instance. */
export class Context {
  #instance;
  /** What was evaluated, to have the same state again when the engine was started anew. */
  #journal;
  #slot;

  constructor(instance, journal, raw) {
    if (!(instance instanceof Slot)) throw new TypeError("a context is made by `context()` of an instance");
    this.#instance = instance;
    this.#journal = journal;
    this.#slot = new Slot(() => this.#replayed(), raw);
  }

  #replayed() {
    const raw = this.#instance.get().context();
    for (const { bytes, now, low, high, budget, flags } of this.#journal) {
      putBytes(bytes);
      raw.eval(bytes.length, now, low, high, budget, UNLIMITED, flags);
    }
    return raw;
  }

  /** Evaluates addresses. Gives the result, or nothing when nothing matched. */
  eval(data, options) {
    const json = this.evalJson(data, options);
    return json === undefined ? undefined : JSON.parse(json);
  }

  /** Evaluates addresses, and gives the result as JSON text, as the engine wrote it. */
  evalJson(data, options) {
    const { now, low, high, budget, timeout, flags } = chosen(options);
    const raw = open(this.#slot, "context").get();
    const length = put(data);
    const bytes = copy(length);
    let code;
    try {
      code = raw.eval(length, now, low, high, budget, timeout, flags);
    } catch (cause) {
      this.close();
      throw broken(cause);
    }
    if (code < 0) throw new EngineError(code === -2 ? "document" : "failed", taken(glue.output_len()));
    this.#journal.push({ bytes, now, low, high, budget, flags });
    return code === 0 ? undefined : taken(code);
  }

  /** A context that starts as a copy of this one; nothing flows back. */
  subcontext() {
    const slot = open(this.#slot, "context");
    return new Context(this.#instance, [...this.#journal], call(() => slot.get().subcontext()));
  }

  /** Gives the memory back. */
  close() {
    this.#slot?.drop();
    this.#slot = undefined;
    this.#journal = [];
  }
}
disposable(Context);
