// What can go wrong, by kind.

/**
 * The engine refused or failed. `code` says which:
 * - `document`: the data cannot be read, or is no map from address to value;
 * - `closed`: the object was closed;
 * - `failed`: the engine broke down on this call. The package has started it anew, and everything else goes on;
 * - `unloaded`: the module was not loaded yet.
 */
export class EngineError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "EngineError";
    this.code = code;
  }
}
