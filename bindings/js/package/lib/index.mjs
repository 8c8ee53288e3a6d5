// What the package gives everywhere.

export { EngineError } from "./errors.mjs";
export { failures, onFailure, version } from "./engine.mjs";
export { Builder, Context, Instance } from "./session.mjs";
