// What an application says about its users and its business, inside a request.

import { Blocked } from "./errors.mjs";

let store;
let warned = false;

/** Has the current request kept in an `AsyncLocalStorage`, where the host has one. */
export function keepIn(storage) {
  store = storage;
}

/** Runs something as a part of a request. */
export function within(guarded, run) {
  return store === undefined ? run() : store.run(guarded, run);
}

/** The current request; nothing outside of any. */
export function current() {
  return store?.getStore();
}

/** What was said: the answer; throws where the request is to be blocked, unless `block` is false. */
function say(document, { request = current(), block = true } = {}) {
  if (request === undefined) {
    if (!warned) console.error(`bartizan: ${document.event} outside of a request is ignored; pass { request }, or call it inside`);
    warned = true;
    return { blocked: false };
  }
  const answer = request.event(document);
  const blocked = request.response !== undefined;
  if (blocked && block) throw new Blocked(request.response);
  return { ...answer.document, blocked };
}

/** Keys of a user as the engine has them. */
function userOf(user, details = {}) {
  const { sessionId, ...rest } = { ...(user !== null && typeof user === "object" ? user : { id: user }), ...details };
  return sessionId === undefined ? rest : { ...rest, session_id: sessionId };
}

/** Whose request it is: an id, and `{ name, email, sessionId, role, scope }` or any other tags. */
export function setUser(id, details, options) {
  return say({ event: "set_user", user: userOf(id, details) }, options);
}

/** Whether rules block a user. Nothing happens; `blockRequest` is what to do then. */
export function isUserBlocked(id, { request = current() } = {}) {
  if (request === undefined) return say({ event: "is_user_blocked" }).blocked;
  const { code, document } = request.event({ event: "is_user_blocked", user: userOf(id) });
  if (document?.response !== undefined) refusals.set(request, document.response);
  return code === 2 || document?.blocked === true;
}
const refusals = new WeakMap();

/** Blocks the request after `isUserBlocked` said so. In monitor mode it does nothing. */
export function blockRequest({ request = current() } = {}) {
  const response = request && refusals.get(request);
  if (response === undefined) return;
  request.response ??= response;
  throw new Blocked(request.response);
}

const optional = (name, value) => (value === undefined ? {} : { [name]: value });
const someone = (user) => optional("user", user === null || typeof user !== "object" ? user : userOf(user));

/** Somebody logged in. */
export function trackUserLoginSuccess(login, user, metadata, options) {
  return say({ event: "login_success", login, ...someone(user), ...optional("metadata", metadata) }, options);
}

/** Somebody could not log in; `exists` says whether there is such a user. */
export function trackUserLoginFailure(login, exists, user, metadata, options) {
  return say({ event: "login_failure", login, exists, ...someone(user), ...optional("metadata", metadata) }, options);
}

/** Somebody signed up. */
export function trackUserSignup(login, user, metadata, options) {
  return say({ event: "signup", login, ...someone(user), ...optional("metadata", metadata) }, options);
}

/** Something happened in the business. */
export function trackCustomEvent(name, metadata, user, options) {
  return say({ event: "custom", name, ...optional("metadata", metadata), ...someone(user) }, options);
}

/** What a hook of a framework saw; subject to the mode of collection. */
export function seen(document, options) {
  return say({ ...document, auto: true }, options);
}
