// When the engine breaks down: a build of the package whose module traps at the header x-bartizan-panic.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";
import { RULES, peers, serving } from "./site.mjs";

const folder = resolve(process.env.BARTIZAN_FORCED_PANIC ?? "target/forced-panic/js");
const require = createRequire(import.meta.url);
const { Builder, EngineError, Host, Rules, failures, onFailure } = require(folder);
const { protect } = require(resolve(folder, "express.cjs"));

const quiet = { env: {}, log: () => {} };
const PANIC = { headers: { "x-bartizan-panic": "1" } };

/** Breaks the engine, once. */
function breakDown(host, instance) {
  const before = failures();
  const request = host.request(instance);
  assert.throws(() => request.start({ method: "GET", target: "/", ...PANIC }), (error) => error instanceof EngineError && error.code === "failed");
  assert.equal(failures(), before + 1);
  assert.throws(() => request.body(Buffer.from("x")), EngineError, "that request is lost");
  request.close();
}

test("everything else goes on as if nothing had been", () => {
  const heard = [];
  onFailure((error) => heard.push(error.message));
  const builder = new Builder();
  builder.update("first", { version: "2.2", rules: [RULES.rules[1]] });
  builder.update("second", { version: "2.2", rules: [RULES.rules[5]] });
  builder.remove("first");
  builder.update("first", { version: "2.2", rules: [RULES.rules[2]] });
  const instance = builder.build();
  const control = builder.build();
  const host = new Host({});
  const rules = new Rules();
  rules.offer({ source: "x", files: [{ path: "a.json", text: JSON.stringify(RULES) }] });
  const known = instance.context();
  const eventful = known.eval({ "server.request.query": { q: "strange" } }, { now: 5, entropy: 7n });
  const child = known.subcontext();
  child.eval({ "server.request.body": "evil" });
  const begun = host.request(rules.instance());
  begun.start({ method: "GET", target: "/?q=strange", headers: { "user-agent": "x" } });
  const closed = instance.context();
  closed.close();

  for (let round = 0; round < 3; round++) breakDown(host, control);
  assert.equal(heard.length, 3);
  assert.match(heard[0], /started anew/);

  assert.equal(eventful.events.length, 1);
  assert.equal(known.eval({ "server.request.query": { q: "strange" } }), undefined, "what was reported is remembered");
  assert.equal(known.eval({ "server.request.body": "evil" }).events.length, 1, "and what the child saw is not known here");
  assert.equal(child.eval({ "server.request.body": "evil" }), undefined);
  assert.deepEqual(builder.paths(), ["second", "first"]);
  assert.equal(builder.update("third", { version: "2.2", rules: [RULES.rules[1]] }).accepted, true);
  assert.equal(builder.build().addresses().length, 2);
  assert.deepEqual(instance.addresses().sort(), control.addresses().sort());
  assert.equal(begun.body(Buffer.from("x")).code, 0);
  const line = begun.finish();
  assert.equal(line.events[0].rule.id, "seen", "what happened before is part of the whole");
  assert.equal(rules.offer({ not_modified: true }).state, "unchanged");
  assert.equal(rules.instance().addresses().length, 7);
  assert.equal(host.settings.mode, "block");
  assert.throws(() => closed.eval({}), EngineError);
  onFailure(undefined);
});

for (const onFailure of ["open", "closed"]) {
  test(`a failure costs the request that it happens in, which then is ${onFailure}`, async () => {
    const guard = protect({ rules: RULES, onFailure, ...quiet });
    const express = peers("express");
    const app = express();
    app.use(guard, express.json());
    let release;
    const released = new Promise((done) => (release = done));
    app.all("/slow", async (request, response) => {
      await released;
      response.writeHead(418).end("tea");
    });
    app.all("/", (request, response) => response.send("welcome"));
    const evil = { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":"evil"}' };
    await serving(app, async (ask) => {
      const slow = ask("/slow?q=strange");
      assert.equal((await ask("/")).status, 200);
      const { status, text } = await ask("/", { ...PANIC });
      if (onFailure === "open") assert.deepEqual([status, text], [200, "welcome"]);
      else assert.equal(status, 503);
      assert.equal((await ask("/?q=evil")).status, 403, "the next is protected");
      assert.equal((await ask("/", evil)).status, 403);
      assert.equal((await ask("/", { ...evil, headers: { ...evil.headers, ...PANIC.headers } })).status, onFailure === "open" ? 200 : 503);
      release();
      assert.equal((await slow).status, 403, "what had begun is protected still");
    });
    assert.equal(guard.protection.counts.failures, 2);
  });
}

test("many failures in a row leave the memory as it was", () => {
  const guard = protect({ rules: RULES, ...quiet });
  for (let at = 0; at < 200; at++) {
    const guarded = guard.protection.begin();
    guarded.start({ method: "GET", target: "/", ...PANIC });
    guarded.finish();
  }
  assert.equal(guard.protection.counts.failures, 200);
  globalThis.gc?.();
  assert.ok(process.memoryUsage().rss < 500e6, `${process.memoryUsage().rss} bytes`);
  const guarded = guard.protection.begin();
  guarded.start({ method: "GET", target: "/?q=evil" });
  assert.equal(guarded.response.status, 403);
});
