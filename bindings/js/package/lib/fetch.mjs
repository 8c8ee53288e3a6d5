// Handlers that get a Fetch `Request` and give a `Response`.

import { Blocked } from "./errors.mjs";
import { within } from "./users.mjs";

/** The guarded request of a `Request`, for `{ request }` of the functions about users and events. */
const known = new WeakMap();

export function guardedOf(request) {
  return known.get(request);
}

/**
 * A handler under protection: it is called unless the request is to be blocked. `peer` gives the address of the
 * client that is connected, where the platform tells it.
 */
export function guard(protection, handler, { peer = () => "" } = {}) {
  return async function guarded(request, ...rest) {
    const guarded = protection.begin();
    if (guarded === undefined) return handler(request, ...rest);
    known.set(request, guarded);
    try {
      const url = new URL(request.url);
      guarded.start({
        method: request.method,
        target: `${url.pathname}${url.search}`,
        scheme: url.protocol.slice(0, -1),
        peer: peer(request, ...rest) ?? "",
        headers: [...request.headers],
      });
      if (guarded.response !== undefined) return responseOf(guarded.response);
      await inspect(guarded, request, protection.settings.body_limit);
      if (guarded.response !== undefined) return responseOf(guarded.response);
      const response = await within(guarded, () => handler(request, ...rest));
      guarded.respond({ status: response.status, headers: [...response.headers] });
      return guarded.response === undefined ? response : responseOf(guarded.response);
    } catch (error) {
      if (error instanceof Blocked) return responseOf(error.response);
      throw error;
    } finally {
      guarded.finish();
    }
  };
}

/** Looks at the body, or as much of it as the limit allows; the handler has all of it still. */
async function inspect(guarded, request, limit) {
  if (request.body === null || request.bodyUsed) return;
  const reader = request.clone().body.getReader();
  const bytes = new Uint8Array(limit + 1);
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, bytes.length - size);
    bytes.set(part, size);
    size += part.length;
    if (size > limit) {
      reader.cancel().catch(() => {});
      break;
    }
  }
  if (size > 0) guarded.body(bytes.subarray(0, Math.min(size, limit)), size <= limit);
}

function responseOf({ status, headers, body }) {
  const empty = [101, 204, 205, 304].includes(status);
  return new Response(empty ? null : body, { status, headers });
}
