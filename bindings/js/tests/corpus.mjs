// The shared corpus through the package. `node corpus.mjs PROJECT documents|values`
//
// As documents, all goes in as JSON text; as values, what JavaScript can hold goes in as it is.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { bytes, corpus, masked } from "../../../rules/spec/corpus.mjs";

const [project, form] = process.argv.slice(2);
const { Builder, EngineError } = createRequire(resolve(project, "index.js"))("bartizan");

/** What a number, a repeated key or an order of keys says that JavaScript does not keep. */
class Lost extends Error {}

/** A value of the bundle as a value. */
function value(told) {
  if (Array.isArray(told)) return told.map(value);
  if (told === null || typeof told !== "object") return told;
  if ("$hex" in told) return Buffer.from(told.$hex, "hex");
  const keys = Object.keys(told);
  if (keys.length === 1 && keys[0].startsWith("$")) {
    if ("$float" in told && /nan|inf/i.test(told.$float)) return Number(told.$float.replace(/inf$/i, "Infinity"));
    throw new Lost(keys[0]);
  }
  return Object.fromEntries(Object.entries(told).map(([key, item]) => [key, value(item)]));
}

function input(step, told) {
  if (form === "values" && !("document" in step)) {
    try {
      return value(told);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  }
  return bytes(step, told);
}

class Session {
  #builder = new Builder();
  #contexts = {};
  #instance;

  update(step) {
    return this.#builder.update(step.path, input(step, step.config));
  }

  remove(step) {
    return this.#builder.remove(step.path);
  }

  build() {
    this.#instance = this.#builder.build();
    if (this.#instance === undefined) return { built: false };
    return { built: true, addresses: this.#instance.addresses().sort(), actions: this.#instance.actions().sort() };
  }

  open(step) {
    this.#contexts[step.context]?.close();
    this.#contexts[step.context] = this.#instance.context();
  }

  subcontext(step) {
    this.#contexts[step.context] = this.#contexts[step.of].subcontext();
  }

  eval(step) {
    const options = { now: step.now_s, budget: step.budget, batches: step.batches, entropy: 1n };
    try {
      const result = this.#contexts[step.context].eval(input(step, step.data), options);
      return result === undefined ? { code: "ok" } : { code: "match", result: masked(result) };
    } catch (error) {
      if (error instanceof EngineError && error.code === "document") return { code: "malformed" };
      throw error;
    }
  }
}

const cannot = form === "values" ? {} : { "any float": "JSON has neither infinities nor NaN" };
corpus({ skipped: "wasm", cannot, session: Session });
