// Browsers, and whatever else has no files: the module comes first.
import { load } from "./lib/engine.mjs";

export * from "./lib/index.mjs";

let started;

/**
 * Loads the module: the one beside this file, or from an address, a response, bytes, or a `WebAssembly.Module`.
 * Loading again does nothing.
 */
export async function init(source = new URL("./bartizan.wasm", import.meta.url)) {
  started ??= compiled(source);
  try {
    load(await started);
  } catch (error) {
    started = undefined;
    throw error;
  }
}

/** As `init`, at once: from bytes or a `WebAssembly.Module`. */
export function initSync(module) {
  load(module);
}

async function compiled(source) {
  const some = await source;
  if (some instanceof WebAssembly.Module) return some;
  if (some instanceof ArrayBuffer || ArrayBuffer.isView(some)) return WebAssembly.compile(some);
  const response = some instanceof Response ? some : await fetch(some);
  if (!response.ok) throw new Error(`the module cannot be fetched: ${response.status} from ${response.url}`);
  // Not every server knows the type that compiling while it arrives asks for.
  if (response.headers.get("content-type")?.startsWith("application/wasm")) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

export default init;
