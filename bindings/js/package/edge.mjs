// Cloudflare Workers: a module may not be compiled there, it is imported.
import module from "./bartizan.wasm";
import { load } from "./lib/engine.mjs";

load(module);

export * from "./lib/index.mjs";
