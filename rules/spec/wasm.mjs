// The shared corpus through the wasm module. `node rules/spec/wasm.mjs [MODULE] [BUNDLE]`
//
// Prints a line of JSON for each case; documents go in and come out as JSON.

import { readFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const module = new WebAssembly.Module(readFileSync(process.argv[2] ?? here("../../dist/bartizan.wasm")));
const bundle = JSON.parse(readFileSync(process.argv[3] ?? here("bundle.json"), "utf8"));

const CANNOT = {
  "any float": "JSON has neither infinities nor NaN",
  invalid: "documents have no invalid objects",
};
const SOME_TIME = 1_700_000_000;
const UNLIMITED = 2n ** 64n - 1n;
const BATCHES = 2;

/** A value of the bundle as the bytes of a JSON document. */
function document(value) {
  const parts = [];
  const text = (string) => parts.push(Buffer.from(string));
  const string = (value) => {
    if (typeof value === "string") return text(JSON.stringify(value));
    text('"');
    for (const byte of Buffer.from(value.$hex, "hex")) {
      const isPlain = byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;
      parts.push(isPlain ? Buffer.from([byte]) : Buffer.from(`\\u00${byte.toString(16).padStart(2, "0")}`));
    }
    text('"');
  };
  const list = (open, close, items, write) => {
    text(open);
    items.forEach((item, at) => {
      if (at > 0) text(",");
      write(item);
    });
    text(close);
  };
  const pairs = (entries) =>
    list("{", "}", entries, ([key, value]) => {
      string(key);
      text(":");
      write(value);
    });
  const write = (value) => {
    const keys = value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
    const special = keys.length === 1 && keys[0].startsWith("$") ? keys[0] : "";
    if (Array.isArray(value)) list("[", "]", value, write);
    else if (special === "$float" || special === "$integer") text(value[special]);
    else if (special === "$pairs") pairs(value.$pairs);
    else if (typeof value === "string" || special === "$hex") string(value);
    else if (value !== null && typeof value === "object") pairs(Object.entries(value));
    else text(JSON.stringify(value));
  };
  write(value);
  return Buffer.concat(parts);
}

/** The bytes of a step's document: as they are, or made of its value. */
function bytes(step, value) {
  if (!("document" in step)) return document(value);
  return typeof step.document === "string" ? Buffer.from(step.document) : Buffer.from(step.document.$hex, "hex");
}

/** What JSON.parse makes of a document: what the bundle spells out, plainly. */
function plain(value) {
  return JSON.parse(document(drop(value)).toString("utf8"));
}

/** Invalid objects are null in documents, and floats beyond JSON too. */
function drop(value) {
  if (Array.isArray(value)) return value.map(drop);
  if (value === null || typeof value !== "object") return value;
  if ("$invalid" in value || /nan|inf/i.test(value.$float ?? "")) return null;
  if ("$pairs" in value) return { $pairs: value.$pairs.map(([key, value]) => [key, drop(value)]) };
  return Object.fromEntries(Object.entries(value).map(([key, value]) => [key, drop(value)]));
}

/** Keys in order, so that equal values have equal text. */
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}

/** Replaces ids by names, and checks that each is the same all over a result. */
function masked(result) {
  const known = {};
  const mask = (map) => {
    for (const [key, name] of [["security_response_id", "<security response id>"], ["stack_id", "<stack id>"]]) {
      if (!(key in map)) continue;
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(map[key])) throw new Error(`${map[key]} is no id`);
      if ((known[key] ??= map[key]) !== map[key]) throw new Error(`two values of ${key}`);
      map[key] = name;
    }
  };
  result.events.forEach(mask);
  Object.values(result.actions).forEach(mask);
  delete result.duration;
  return result;
}

/** A module instance of its own for each case. */
class Session {
  constructor() {
    this.wasm = new WebAssembly.Instance(module, {}).exports;
    this.out = this.wasm.bartizan_alloc(8);
    this.builder = this.wasm.bartizan_builder_new();
    this.contexts = {};
  }

  lend(bytes, use) {
    const pointer = this.wasm.bartizan_alloc(bytes.length);
    // A call may move memory, so a view never outlives one.
    new Uint8Array(this.wasm.memory.buffer, pointer, bytes.length).set(bytes);
    const result = use(pointer, bytes.length);
    this.wasm.bartizan_free(pointer, bytes.length);
    return result;
  }

  read() {
    const [data, len] = new Uint32Array(this.wasm.memory.buffer, this.out, 2);
    return JSON.parse(Buffer.from(new Uint8Array(this.wasm.memory.buffer, data, len)).toString("utf8"));
  }

  update(step) {
    const config = bytes(step, step.config);
    const code = this.lend(Buffer.from(step.path), (p, n) =>
      this.lend(config, (c, m) => this.wasm.bartizan_builder_update(this.builder, p, n, c, m, 0, this.out)),
    );
    if (code < 0) throw new Error(`the code ${code}`);
    return { accepted: code === 1, diagnostics: this.read() };
  }

  remove(step) {
    return this.lend(Buffer.from(step.path), (p, n) => this.wasm.bartizan_builder_remove(this.builder, p, n)) === 1;
  }

  build() {
    this.instance = this.wasm.bartizan_builder_build(this.builder);
    if (this.instance === 0) return { built: false };
    const names = (list) => {
      list(this.instance, this.out);
      return this.read().sort();
    };
    const { bartizan_instance_addresses: addresses, bartizan_instance_actions: actions } = this.wasm;
    return { built: true, addresses: names(addresses), actions: names(actions) };
  }

  open(step) {
    this.contexts[step.context] = this.wasm.bartizan_context_new(this.instance);
  }

  subcontext(step) {
    this.contexts[step.context] = this.wasm.bartizan_subcontext_new(this.contexts[step.of]);
  }

  eval(step) {
    const now = BigInt(step.now_s ?? SOME_TIME);
    const budget = step.budget === undefined ? UNLIMITED : BigInt(step.budget);
    const flags = step.batches ? BATCHES : 0;
    const code = this.lend(bytes(step, step.data), (p, n) =>
      this.wasm.bartizan_context_eval(this.contexts[step.context], p, n, now, 1n, budget, flags, this.out),
    );
    if (code === 1) return { code: "match", result: masked(this.read()) };
    if (code === 0) return { code: "ok" };
    if (code === -2) return { code: "malformed" };
    throw new Error(`the code ${code}`);
  }
}

/** Whether all that is wanted is there; the result of an evaluation without a match is not told. */
function judge(answer, want) {
  const wanted = plain(want);
  if (wanted !== null && typeof wanted === "object") {
    if (answer.code === "ok") delete wanted.result;
    for (const key of Object.keys(answer)) if (!(key in wanted)) delete answer[key];
  }
  const [told, asked] = [answer, wanted].map((value) => JSON.stringify(canonical(value)));
  if (told !== asked) throw new Error(`\n  wanted ${asked}\n  got    ${told}`);
}

function run(kase) {
  const need = (kase.needs ?? []).find((need) => need in CANNOT);
  const why = kase.skip?.wasm ?? CANNOT[need];
  if (why) return { id: kase.id, result: "skipped", why };
  const session = new Session();
  for (const [at, step] of kase.steps.entries()) {
    try {
      const answer = session[step.do](step);
      if ("want" in step) judge(answer, step.want);
    } catch (error) {
      return { id: kase.id, result: "failed", why: `step ${at + 1}: ${error.message}` };
    }
  }
  return { id: kase.id, result: "passed" };
}

let failed = 0;
for (const kase of bundle.cases) {
  const line = run(kase);
  failed += line.result === "failed";
  console.log(JSON.stringify(line));
}
process.exitCode = failed === 0 ? 0 : 1;
