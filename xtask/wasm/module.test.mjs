// What dist/bartizan.wasm promises to every host, asked of the file itself. `node --test xtask/wasm`

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const file = (path) => readFileSync(new URL(`../../dist/${path}`, import.meta.url));
const module = new WebAssembly.Module(file("bartizan.wasm"));
const UNLIMITED = 2n ** 64n - 1n;
const MESSAGE_PACK = 1;
const BATCHES = 2;

const RULES = {
  version: "2.2",
  rules: [
    {
      id: "canary",
      name: "Canary",
      tags: { type: "scanner" },
      conditions: [{ operator: "match_regex", parameters: { inputs: [{ address: "agent" }], regex: "^probe" } }],
    },
    {
      id: "expiring",
      name: "Deny-list",
      tags: { type: "block_ip", module: "network-acl" },
      conditions: [{ operator: "ip_match", parameters: { inputs: [{ address: "ip" }], data: "blocked" } }],
      on_match: ["block"],
    },
  ],
  rules_data: [
    { id: "blocked", type: "ip_with_expiration", data: [{ value: "192.0.2.1", expiration: 1000 }] },
  ],
};

/** The functions of one module instance, with bytes instead of pointers. */
class Engine {
  constructor() {
    this.exports = new WebAssembly.Instance(module, {}).exports;
    this.out = this.exports.bartizan_alloc(8);
  }

  lend(bytes, use) {
    const pointer = this.exports.bartizan_alloc(bytes.length);
    assert.notEqual(pointer, 0);
    // A call may move memory, so a view never outlives one.
    new Uint8Array(this.exports.memory.buffer, pointer, bytes.length).set(bytes);
    const result = use(pointer, bytes.length);
    this.exports.bartizan_free(pointer, bytes.length);
    return result;
  }

  document() {
    const [data, len] = new Uint32Array(this.exports.memory.buffer, this.out, 2);
    return Buffer.from(new Uint8Array(this.exports.memory.buffer, data, len));
  }

  update(builder, path, config) {
    const bytes = Buffer.isBuffer(config) ? config : Buffer.from(JSON.stringify(config));
    const code = this.lend(Buffer.from(path), (p, n) =>
      this.lend(bytes, (c, m) => this.exports.bartizan_builder_update(builder, p, n, c, m, 0, this.out)),
    );
    return [code, JSON.parse(this.document())];
  }

  load(rules) {
    const builder = this.exports.bartizan_builder_new();
    assert.equal(this.update(builder, "rules", rules)[0], 1);
    const instance = this.exports.bartizan_builder_build(builder);
    this.exports.bartizan_builder_free(builder);
    return instance;
  }

  eval(context, data, { now = 0n, entropy = 1n, budget = UNLIMITED, flags = 0 } = {}) {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
    return this.lend(bytes, (p, n) =>
      this.exports.bartizan_context_eval(context, p, n, now, entropy, budget, flags, this.out),
    );
  }

  once(instance, data, options) {
    const context = this.exports.bartizan_context_new(instance);
    const code = this.eval(context, data, options);
    const result = code === 1 ? this.document() : null;
    this.exports.bartizan_context_free(context);
    return [code, result];
  }
}

const events = (result) => JSON.parse(result).events.map((event) => event.rule.id);

test("imports nothing and exports what bartizan.h declares", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const names = WebAssembly.Module.exports(module).filter((e) => e.kind === "function").map((e) => e.name);
  const native = /#ifndef __wasm__[^]*?#endif/g;
  const header = file("include/bartizan.h").toString().replace(native, "").replace(/\/\*[^]*?\*\/|\/\/.*|#.*/g, "");
  const declared = [...header.matchAll(/\b(bartizan_\w+)\s*\(/g)].map((found) => found[1]);
  assert.deepEqual([...new Set(names)].sort(), [...new Set(declared)].sort());
  assert.ok(WebAssembly.Module.exports(module).some((e) => e.kind === "memory" && e.name === "memory"));
});

test("a match gives a document, no match an integer only", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  new Uint32Array(engine.exports.memory.buffer, engine.out, 2).set([7, 9]);
  assert.deepEqual(engine.once(instance, { agent: "quiet" }), [0, null]);
  assert.deepEqual([...new Uint32Array(engine.exports.memory.buffer, engine.out, 2)], [7, 9]);
  const [code, result] = engine.once(instance, { agent: "probe/1" });
  assert.equal(code, 1);
  assert.deepEqual(events(result), ["canary"]);
  assert.equal(JSON.parse(result).duration, 0);
});

test("MessagePack comes in by its first byte and goes out by flag", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  const packed = Buffer.concat([Buffer.from([0x81, 0xa5]), Buffer.from("agent"), Buffer.from([0xa5]), Buffer.from("probe")]);
  const [code, result] = engine.once(instance, packed);
  assert.equal(code, 1);
  assert.deepEqual(events(result), ["canary"]);
  const [, out] = engine.once(instance, packed, { flags: MESSAGE_PACK });
  assert.equal(out[0], 0x87);
  assert.ok(out.includes("canary"));
});

test("time, entropy and budget come in", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  assert.deepEqual(events(engine.once(instance, { ip: "192.0.2.1" }, { now: 999n })[1]), ["expiring"]);
  assert.equal(engine.once(instance, { ip: "192.0.2.1" }, { now: 1001n })[0], 0);
  const id = (entropy) => JSON.parse(engine.once(instance, { ip: "192.0.2.1" }, { entropy })[1]).events[0].security_response_id;
  assert.match(id(5n), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-1b[0-9a-f]{2}-[0-9a-f]{12}$/);
  assert.equal(id(5n), id(5n));
  assert.notEqual(id(5n), id(6n));
  assert.equal(engine.once(instance, { agent: "probe" }, { budget: 0n })[0], 0);
});

test("several maps in one call", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  const [code, result] = engine.once(instance, [{ agent: "quiet" }, { agent: "probe" }], { flags: BATCHES });
  assert.equal(code, 1);
  assert.deepEqual(events(result), ["canary"]);
  assert.equal(engine.once(instance, [{ agent: "probe" }])[0], -2);
});

test("a broken config leaves the last good one in force", () => {
  const engine = new Engine();
  const builder = engine.exports.bartizan_builder_new();
  assert.equal(engine.update(builder, "rules", RULES)[0], 1);
  const first = engine.exports.bartizan_builder_build(builder);
  const context = engine.exports.bartizan_context_new(first);
  const [code, diagnostics] = engine.update(builder, "rules", { version: "2.2", rules: [{ id: "x" }] });
  assert.equal(code, 0);
  assert.deepEqual(diagnostics.rules.failed, ["x"]);
  const second = engine.exports.bartizan_builder_build(builder);
  assert.equal(engine.once(second, { agent: "probe" })[0], 1);
  assert.equal(engine.lend(Buffer.from("rules"), (p, n) => engine.exports.bartizan_builder_remove(builder, p, n)), 1);
  assert.equal(engine.lend(Buffer.from("rules"), (p, n) => engine.exports.bartizan_builder_remove(builder, p, n)), 0);
  assert.equal(engine.exports.bartizan_builder_build(builder), 0);
  engine.exports.bartizan_builder_free(builder);
  engine.exports.bartizan_instance_free(first);
  assert.equal(engine.eval(context, { agent: "probe" }), 1, "a context keeps its instance");
});

test("a subcontext starts with what its parent knows", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  const parent = engine.exports.bartizan_context_new(instance);
  assert.equal(engine.eval(parent, { agent: "probe" }), 1);
  const child = engine.exports.bartizan_subcontext_new(parent);
  assert.equal(engine.eval(child, { agent: "probe" }), 0, "reported once");
  assert.equal(engine.eval(child, { ip: "192.0.2.1" }), 1);
  assert.equal(engine.eval(parent, { ip: "192.0.2.1" }), 1, "nothing flows back");
});

test("malformed data and null handles give errors", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  const bad = ["", "{", "[]", "1", "null", "\x81", "\xdf\xff\xff\xff\xff", "\xdd\xff\xff\xff\xff", "\x81\xdb\xff\xff\xff\xffab", '{"a":1}x'];
  for (const text of bad) {
    assert.equal(engine.once(instance, Buffer.from(text, "latin1"))[0], -2, JSON.stringify(text));
  }
  const deep = Buffer.from(`{"agent":${"[".repeat(100_000)}"probe"${"]".repeat(100_000)}}`);
  assert.ok([0, 1].includes(engine.once(instance, deep)[0]));
  assert.equal(engine.eval(0, { agent: "probe" }), -1);
  assert.equal(engine.exports.bartizan_context_new(0), 0);
  assert.equal(engine.exports.bartizan_subcontext_new(0), 0);
  assert.equal(engine.exports.bartizan_builder_build(0), 0);
  for (const free of ["builder_free", "instance_free", "context_free"]) {
    engine.exports[`bartizan_${free}`](0);
  }
});

test("a million contexts leave memory as it was", () => {
  const engine = new Engine();
  const instance = engine.load(RULES);
  const { bartizan_context_new, bartizan_context_eval, bartizan_context_free, memory } = engine.exports;
  // Requests of every length from nothing to 4 KB, one in sixteen matching, written by hand for speed.
  const requests = Array.from({ length: 64 }, (_, at) =>
    Buffer.from(JSON.stringify({ agent: (at % 16 ? "quiet" : "probe") + "x".repeat(at * 64) })),
  );
  const pointers = requests.map((bytes) => {
    const pointer = engine.exports.bartizan_alloc(bytes.length);
    new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
    return pointer;
  });
  let matches = 0;
  let warm = 0;
  for (let at = 0; at < 1_000_000; at++) {
    const which = (at * 29) % 64;
    const context = bartizan_context_new(instance);
    matches += bartizan_context_eval(context, pointers[which], requests[which].length, 0n, BigInt(at), UNLIMITED, 0, engine.out);
    bartizan_context_free(context);
    if (at === 1_000) warm = memory.buffer.byteLength;
  }
  assert.equal(matches, 62_500);
  assert.equal(memory.buffer.byteLength, warm);
});
