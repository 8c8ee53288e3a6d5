// Middleware for Express, Connect and node:http.
"use strict";

require("./node.cjs");
const { Blocked } = require("./lib/errors.cjs");
const { LiveProtection } = require("./lib/node/start.cjs");
const { handle } = require("./lib/node/http.cjs");

/** Middleware that protects what comes behind it. `protection` of it tells and takes rules. */
function protect(options) {
  const protection = options instanceof LiveProtection ? options : new LiveProtection(options);
  const middleware = (request, response, next) => handle(protection, request, response, next);
  return Object.assign(middleware, { protection });
}

/** Error middleware, to stand before others: a request that was blocked is no error of the application. */
function blocked(error, request, response, next) {
  if (error instanceof Blocked) response.end();
  else next(error);
}

exports.LiveProtection = LiveProtection;
exports.protect = protect;
exports.blocked = blocked;
