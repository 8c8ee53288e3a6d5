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

/**
 * The request is to be answered with `response`. Thrown out of the handler that learned it; the middleware answers,
 * whatever the application makes of the exception.
 */
export class Blocked extends Error {
  constructor(response) {
    super("the request is blocked");
    this.name = "Blocked";
    this.response = response;
    // What frameworks look at when an error reaches them.
    this.status = this.statusCode = response.status;
    this.expose = true;
    // It is no defect, so a log need not show where it came from.
    this.stack = `${this.name}: ${this.message}`;
  }
}
