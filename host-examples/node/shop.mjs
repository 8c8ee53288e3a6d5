// A small shop under protection; see ../README.md.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

const { values: args } = parseArgs({
  options: {
    engine: { type: "string" }, // the folder of the package; without it the package is looked up by name
    port: { type: "string", default: "8080" },
    rules: { type: "string", multiple: true },
    events: { type: "string" },
    state: { type: "string" },
  },
});
const require = createRequire(import.meta.url);
const { setUser, trackCustomEvent, trackUserLoginFailure, trackUserLoginSuccess } = require(args.engine ? resolve(args.engine) : "bartizan");
const { protect } = require(args.engine ? resolve(args.engine, "express.cjs") : "bartizan/express");

const PRODUCTS = [
  { id: 1, name: "lamp", price: 30 },
  { id: 2, name: "chair", price: 80 },
  { id: 3, name: "table", price: 200 },
];
const USERS = { alice: { id: "u1", password: "wonder" }, mallory: { id: "u2", password: "secret" } };
const NOT_FOUND = [404, { error: "not found" }];

const ROUTES = {
  "GET /": () => [200, { shop: "bartizan" }],

  "GET /products": ({ query }) => [200, { products: PRODUCTS.filter(({ name }) => name.includes(query.get("q") ?? "")) }],

  "POST /login": ({ body: { login, password } }) => {
    const user = Object.hasOwn(USERS, login) ? USERS[login] : undefined;
    if (user?.password !== password) {
      trackUserLoginFailure(login, user !== undefined);
      return [401, { error: "wrong login or password" }];
    }
    trackUserLoginSuccess(login, user.id);
    setUser(user.id, { name: login });
    return [200, { user: user.id }];
  },

  "POST /password-reset": ({ body: { login } }) => {
    trackCustomEvent("password.reset", { login });
    return [200, { sent: true }];
  },

  "POST /payment": ({ body: { amount, card } }) => {
    trackCustomEvent("payment.creation", { amount });
    if (card === "declined") {
      trackCustomEvent("payment.failure", { reason: "declined" });
      return [402, { error: "declined" }];
    }
    trackCustomEvent("payment.success", { amount });
    return [200, { paid: amount }];
  },
};

async function answer(request) {
  const { pathname, searchParams: query } = new URL(request.url, "http://shop");
  const id = /^\/products\/(\d+)$/.exec(pathname)?.[1];
  if (request.method === "GET" && id) {
    const product = PRODUCTS.find((product) => product.id === Number(id));
    return product ? [200, product] : NOT_FOUND;
  }
  const route = ROUTES[`${request.method} ${pathname}`];
  if (route === undefined) return NOT_FOUND;
  let text = "";
  for await (const part of request) text += part;
  return route({ query, body: text ? JSON.parse(text) : {} });
}

const guard = protect({ rules: args.rules, events: args.events, stateDir: args.state });
const server = createServer((request, response) =>
  guard(request, response, async () => {
    let status = 500;
    let body = { error: "something is wrong here" };
    try {
      [status, body] = await answer(request);
    } catch (error) {
      // Of a request that is blocked nobody sees what is answered here.
      if (error.name !== "Blocked") console.error(error);
    }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }),
);
await guard.protection.ready;
server.listen(Number(args.port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.on("SIGTERM", () => {
  guard.protection.close();
  server.close(() => process.exit());
  server.closeIdleConnections();
});
