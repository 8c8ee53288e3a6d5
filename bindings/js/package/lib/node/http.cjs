// Requests and responses of node:http and node:http2, as Connect and Express pass them on.
"use strict";

const { within } = require("../users.cjs");

/** Puts a request under protection and goes on, or answers it. */
function handle(protection, request, response, next) {
  const guarded = protection.begin();
  if (guarded === undefined) return next();
  request.bartizan = guarded;
  const reply = new Reply(guarded, response, protection.settings);
  response.once("close", () => guarded.finish());
  guarded.start(head(request));
  if (guarded.response !== undefined) return reply.replace();
  for (const emitter of [request, response]) keepCurrent(guarded, emitter);
  watch(guarded, request, reply, protection.settings.body_limit, () => within(guarded, next));
}

/** First line, headers and peer, as they came. */
function head(request) {
  const { method, socket, rawHeaders } = request;
  const scheme = socket?.encrypted ? "https" : "http";
  const fields = [method ?? "", request.originalUrl ?? request.url ?? "", socket?.remoteAddress ?? "", scheme, "", ""];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    // What HTTP/2 has for a first line is there already.
    if (rawHeaders[at][0] !== ":") fields.push(rawHeaders[at], String(rawHeaders[at + 1]));
    else if (rawHeaders[at] === ":authority") fields.push("host", rawHeaders[at + 1]);
  }
  return fields;
}

/** Events come from the connection, not from the request that they belong to. */
function keepCurrent(guarded, emitter) {
  const { emit } = emitter;
  emitter.emit = function (...args) {
    return within(guarded, () => emit.apply(this, args));
  };
}

/** What of bodies is looked at, so that they are worth waiting for. */
const TELLING = /json|x-www-form-urlencoded|multipart|graphql|xml|^text/i;

/** Whether a body comes. */
function hasBody({ headers, stream }) {
  if (stream !== undefined) return !stream.endAfterHeaders;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"]) > 0;
}

/**
 * Looks at the body, and goes on when that is done. The application gets all of it, from its beginning: what has come
 * is held back until then, which is no more than the limit and a part.
 */
function watch(guarded, request, reply, limit, next) {
  if (request.readableEnded) {
    // Somebody else has read it.
    if (request.body !== undefined) guarded.eval({ "server.request.body": request.body });
    return guarded.response === undefined ? next() : reply.replace();
  }
  if (!hasBody(request)) return next();
  const type = request.headers["content-type"];
  if (type !== undefined && !TELLING.test(type)) {
    // Not to be waited for, but to be accounted for: whatever it is, nothing of it is looked at.
    guarded.body(Buffer.of(0), false);
    return next();
  }
  const parts = [];
  let size = 0;
  const ended = request.complete;
  const go = (complete) => {
    delete request.push;
    const body = Buffer.concat(parts);
    if (size > 0) guarded.body(body.subarray(0, limit), complete);
    if (guarded.response !== undefined) {
      // The rest is read and dropped, so that the connection can go on.
      request.push = () => true;
      reply.replace();
      return;
    }
    if (size > 0) request[ended ? "unshift" : "push"](body);
    if (complete && !ended) request.push(null);
    next();
  };
  const take = (part, encoding) => {
    const bytes = typeof part === "string" ? Buffer.from(part, encoding) : part;
    parts.push(bytes);
    size += bytes.length;
    if (size > limit) go(false);
  };
  // What came before this was asked, because something else waited.
  const already = request.readableLength > 0 ? request.read() : null;
  if (ended && already === null) return next();
  request.push = function (part, encoding) {
    if (part === null) go(true);
    else take(part, encoding);
    return true;
  };
  if (already !== null) take(already);
  if (ended && size <= limit) go(true);
  // The streams of HTTP/2 send nothing before somebody reads.
  if (request.stream !== undefined) request.read(0);
}

/** The response, which may become another one until its head is sent. */
class Reply {
  #guarded;
  #response;
  #own;
  #decided = false;
  #body;
  replaced = false;

  constructor(guarded, response, settings) {
    this.#guarded = guarded;
    this.#response = response;
    const { end, write, writeHead } = response;
    this.#own = { end, write, writeHead };
    this.#body = settings.response_body ? { parts: [], size: 0, limit: settings.body_limit } : undefined;
    const reply = this;
    response.writeHead = function (status, ...rest) {
      return reply.#refuses(status, rest.at(-1)) ? this : writeHead.call(this, status, ...rest);
    };
    response.write = function (...args) {
      if (reply.#refuses(this.statusCode)) return called(args, true);
      reply.#collect(args);
      return write.apply(this, args);
    };
    response.end = function (...args) {
      if (reply.#refuses(this.statusCode)) return called(args, this);
      reply.#collect(args, true);
      return end.apply(this, args);
    };
  }

  /** Whether another response takes the place of this one. */
  #refuses(status, given) {
    if (this.#decided || this.#response.headersSent) return false;
    this.#decided = true;
    if (this.#guarded.response === undefined) this.#guarded.respond(fields(status, this.#response, given));
    if (this.#guarded.response === undefined) return false;
    this.replace();
    return true;
  }

  /** Answers with the response of the block. */
  replace() {
    if (this.replaced) return;
    this.replaced = this.#decided = true;
    const response = this.#response;
    Object.assign(response, this.#own);
    if (!response.headersSent) {
      const { status, headers, body } = this.#guarded.response;
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      for (const [name, value] of headers) response.setHeader(name, value);
      response.setHeader("content-length", Buffer.byteLength(body));
      response.statusCode = status;
      if (response.stream === undefined) response.statusMessage = undefined;
      response.end(body);
    } else {
      // Too late for another answer; the rest of this one stays away.
      response.destroy?.();
    }
    // Whatever the application goes on to say is said to nobody.
    response.write = (...args) => called(args, true);
    response.end = (...args) => called(args, response);
    for (const name of ["setHeader", "setHeaders", "appendHeader", "removeHeader", "writeHead", "flushHeaders"]) {
      response[name] = () => response;
    }
  }

  #collect([part, encoding], isLast = false) {
    const body = this.#body;
    if (body === undefined) return;
    if (part !== undefined && part !== null && typeof part !== "function" && body.size <= body.limit) {
      const bytes = typeof part === "string" ? Buffer.from(part, typeof encoding === "string" ? encoding : "utf8") : part;
      body.parts.push(bytes);
      body.size += bytes.length;
    }
    if (!isLast || body.size === 0) return;
    this.#body = undefined;
    this.#guarded.responseBody(Buffer.concat(body.parts, Math.min(body.size, body.limit)), body.size <= body.limit);
  }
}

/** The last argument may be a function that waits for the end. */
function called(args, result) {
  const last = args.at(-1);
  if (typeof last === "function") process.nextTick(last);
  return result;
}

/** Status and headers as they will be sent. */
function fields(status, response, given) {
  const out = [String(status), ""];
  const add = (name, value) => [value].flat().forEach((one) => out.push(name, String(one)));
  for (const [name, value] of Object.entries(response.getHeaders())) add(name, value);
  if (Array.isArray(given)) {
    const pairs = Array.isArray(given[0]) ? given : given.flatMap((name, at) => (at % 2 ? [] : [[name, given[at + 1]]]));
    for (const [name, value] of pairs) add(name, value);
  } else if (given !== null && typeof given === "object") {
    for (const [name, value] of Object.entries(given)) if (value !== undefined) add(name, value);
  }
  return out;
}

exports.handle = handle;
