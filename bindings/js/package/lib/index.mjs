// What the package gives everywhere.

export { Blocked, EngineError } from "./errors.mjs";
export { failures, onFailure, version } from "./engine.mjs";
export { Builder, Context, Instance } from "./session.mjs";
export { Host, HostRequest, Rules } from "./host.mjs";
export { Protection } from "./protection.mjs";
export { guard, guardedOf } from "./fetch.mjs";
export { blockRequest, current, isUserBlocked, setUser } from "./users.mjs";
export { trackCustomEvent, trackUserLoginFailure, trackUserLoginSuccess, trackUserSignup } from "./users.mjs";
