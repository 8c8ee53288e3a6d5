// The shared corpus through the wasm module. `node rules/spec/wasm.mjs [MODULE]`
//
// Documents go in and come out as JSON.

import { readFileSync } from "node:fs";
import { bytes, corpus, masked } from "./corpus.mjs";

const module = new WebAssembly.Module(readFileSync(process.argv[2] ?? new URL("../../dist/bartizan.wasm", import.meta.url)));
const UNLIMITED = 2n ** 64n - 1n;
const BATCHES = 2;

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
    const now = BigInt(step.now_s);
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

corpus({
  skipped: "wasm",
  cannot: { "any float": "JSON has neither infinities nor NaN" },
  session: Session,
});
