// One engine for both kinds of module.
import bartizan from "./node.cjs";

export const { Builder, Context, Instance, EngineError, failures, onFailure, version } = bartizan;
export const { Host, HostRequest, Rules, Protection, LiveProtection, Blocked, guard, guardedOf } = bartizan;
export const { blockRequest, current, isUserBlocked, setUser } = bartizan;
export const { trackCustomEvent, trackUserLoginFailure, trackUserLoginSuccess, trackUserSignup } = bartizan;
