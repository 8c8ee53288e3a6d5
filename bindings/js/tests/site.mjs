// What tests of the middleware share: rules, a server on a free port, requests.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const project = process.env.BARTIZAN_PROJECT ?? resolve("target/npm-project");
export const installed = createRequire(resolve(project, "index.js"));
export const peers = createRequire(resolve(process.env.BARTIZAN_PEERS ?? "target/npm", "index.js"));

const rule = (id, address, regex, on_match = ["block"]) => ({
  id,
  name: id,
  tags: { type: id, category: "attack_attempt" },
  conditions: [{ operator: "match_regex", parameters: { inputs: [{ address }], regex } }],
  on_match,
});

export const RULES = {
  version: "2.2",
  rules: [
    rule("canary", "server.request.headers.no_cookies", "dd-test-scanner-log", []),
    rule("query", "server.request.query", "evil"),
    rule("body", "server.request.body", "evil"),
    rule("status", "server.response.status", "418"),
    rule("secret", "server.response.headers.no_cookies", "top-secret"),
    rule("seen", "server.request.query", "strange", []),
    rule("failed-payment", "server.business_logic.payment.failure", "stolen"),
    {
      id: "blocked-user",
      name: "blocked user",
      tags: { type: "block_user", category: "security_response" },
      conditions: [{ operator: "exact_match", parameters: { inputs: [{ address: "usr.id" }], list: ["mallory"] } }],
      on_match: ["block"],
    },
  ],
};

/** Serves while `use` runs; `use` gets a function that asks for a path. */
export async function serving(handler, use, create = createServer) {
  const server = create(handler);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://127.0.0.1:${server.address().port}`;
  const ask = async (path, options) => {
    const response = await fetch(base + path, options);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  try {
    return await use(ask, server.address().port);
  } finally {
    server.closeAllConnections?.();
    await new Promise((closed) => server.close(closed));
  }
}

/** A site under protection, and what it told. */
export function protectedSite(options = {}) {
  const { protect } = installed("bartizan/express");
  const lines = [];
  const said = [];
  const guard = protect({ rules: RULES, env: {}, onEvent: (line) => lines.push(line), log: (message) => said.push(message), ...options });
  return { guard, lines, said, protection: guard.protection };
}
