export * from "./index.mjs";

/** What the module is loaded from. */
export type Source = string | URL | Request | Response | BufferSource | WebAssembly.Module;
/**
 * Loads the module: the one beside this file, or from an address, a response, bytes, or a `WebAssembly.Module`.
 * Loading again does nothing.
 */
export declare function init(source?: Source | Promise<Source>): Promise<void>;
/** As `init`, at once: from bytes or a `WebAssembly.Module`. */
export declare function initSync(module: BufferSource | WebAssembly.Module): void;
export default init;
