// The module: starting it, calling into it, and starting it anew when it broke down.

import { bytesOf, text, write } from "./document.mjs";
import { EngineError } from "./errors.mjs";
import * as glue from "./glue.mjs";

/** The input buffer is at least so large, and not left larger than so. */
const SMALL = 64 * 1024;
const LARGE = 1024 * 1024;

/** Which module instance is running; 0 before the first. What belongs to another is made again before it is used. */
let generation = 0;
let memory;
let bytes = new Uint8Array(0);
let start = 0;
let size = 0;
let listener;

/** Starts the engine from a compiled module or from its bytes. Starting again does nothing. */
export function load(module) {
  if (generation > 0) return;
  glue.initSync({ module });
  begin();
}

function begin() {
  generation += 1;
  memory = glue.linear_memory();
  resize(SMALL);
}

/** How often the engine broke down and was started anew. */
export function failures() {
  return Math.max(0, generation - 1);
}

/** Has a function called with each error after which the engine was started anew. One function; none with undefined. */
export function onFailure(tell) {
  listener = tell;
}

/** Which module instance is running. */
export function running() {
  if (generation === 0) throw new EngineError("unloaded", "the module is not loaded yet: wait for `init()`");
  return generation;
}

/**
 * Whatever is thrown out of the module is a trap: nothing inside can be relied on any more, so another module
 * instance takes its place. Gives the error to throw.
 */
export function broken(cause) {
  glue.__wbg_reset_state();
  begin();
  const error = new EngineError("failed", `the engine failed and was started anew: ${cause.message}`, { cause });
  try {
    listener?.(error);
  } catch {
    // Whoever listens must not make it worse.
  }
  return error;
}

/** Runs a call into the module. */
export function call(run) {
  try {
    return run();
  } catch (cause) {
    throw cause instanceof EngineError ? cause : broken(cause);
  }
}

/** An object inside the module, which is made when it is needed and again after the engine was started anew. */
export class Slot {
  #make;
  #raw;
  #generation;

  constructor(make, raw) {
    this.#make = make;
    this.#raw = raw;
    this.#generation = raw === undefined ? 0 : running();
  }

  get() {
    if (this.#generation !== running()) {
      this.#raw = call(this.#make);
      this.#generation = generation;
    }
    return this.#raw;
  }

  /** Gives its memory back. */
  drop() {
    const raw = this.#raw;
    this.#raw = undefined;
    if (raw !== undefined && this.#generation === generation) call(() => raw.free());
    this.#generation = 0;
  }
}

function resize(wanted) {
  size = wanted;
  start = call(() => glue.input(wanted));
  bytes = new Uint8Array(memory.buffer, start, size);
}

/** The input buffer as it lies now: memory moves when it grows. */
function place(wanted) {
  if (wanted > size || (size > LARGE && wanted <= SMALL)) resize(Math.max(SMALL, wanted));
  else if (bytes.length === 0) bytes = new Uint8Array(memory.buffer, start, size);
  return bytes;
}

/** Puts a document into the input buffer, and gives its length. */
export function put(document) {
  if (typeof document === "string" || document instanceof Uint8Array) return putBytes(bytesOf(document));
  let length = write(document, place(SMALL));
  while (length < 0) length = write(document, place(-length));
  return length;
}

/** Puts byte strings into the input buffer, one behind the other. */
export function putBytes(...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const target = place(length);
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return length;
}

/** Puts text whose characters are bytes into the input buffer, and gives its length. */
export function putLatin1(text) {
  const length = text.length;
  const target = place(length);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    // Some other text, then, which somebody put there.
    if (code > 255) return putBytes(bytesOf(text));
    target[at] = code;
  }
  return length;
}

/** A copy of what is in the input buffer. */
export function copy(length) {
  return bytes.slice(0, length);
}

/** The document that the last call put out, as text. */
export function taken(length) {
  const out = text(memory.buffer, glue.output(), length);
  if (length > LARGE) glue.release();
  return out;
}

/** The version of the engine. */
export function version() {
  running();
  return glue.version();
}
