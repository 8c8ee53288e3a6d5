// The middleware in front of real servers.

import assert from "node:assert/strict";
import { Agent, request as httpRequest } from "node:http";
import * as http2 from "node:http2";
import { test } from "node:test";
import { setTimeout as later } from "node:timers/promises";
import { installed, peers, protectedSite, serving } from "./site.mjs";

const { Blocked, blockRequest, current, isUserBlocked, setUser, trackCustomEvent, trackUserLoginFailure, trackUserLoginSuccess, trackUserSignup } =
  installed("bartizan");
const { blocked } = installed("bartizan/express");

/** An application of Express that says what it got. */
function shop(guard) {
  const express = peers("express");
  const app = express();
  app.use(guard);
  app.use(express.json(), express.urlencoded({ extended: true }), express.text());
  app.all("/echo", (request, response) => response.json({ query: request.query, body: request.body ?? null }));
  return { app, express };
}

const json = (body) => ({ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

test("what is fine passes as it is, and what is not is answered at once", async () => {
  const { guard, lines } = protectedSite();
  let calls = 0;
  const { app } = shop(guard);
  app.get("/count", (_, response) => response.send(String(++calls)));
  await serving(app, async (ask) => {
    assert.equal((await ask("/echo?a=1")).text, '{"query":{"a":"1"},"body":null}');
    assert.equal((await ask("/count?a=evil")).status, 403);
    assert.equal(calls, 0, "the handler was not called");
    const html = await ask("/count?a=evil", { headers: { accept: "text/html" } });
    assert.match(html.headers.get("content-type"), /^text\/html/);
    assert.equal((await ask("/count?a=strange")).text, "1");
  });
  assert.deepEqual(lines.map(({ verdict }) => verdict), ["block", "block", "monitor"]);
  const [{ method, path, events, client_ip: ip }] = lines;
  assert.deepEqual([method, path, events[0].rule.id, ip], ["GET", "/count", "query", "127.0.0.1"]);
  assert.deepEqual(guard.protection.counts, { requests: 4, blocked: 2, monitored: 1, failures: 0, swaps: 1, refused: 0 });
});

test("a body is looked at before the application has all of it, and arrives unchanged", async () => {
  const { guard, lines } = protectedSite();
  const { app } = shop(guard);
  let handled = 0;
  app.post("/order", (request, response) => response.json({ handled: ++handled, got: request.body }));
  await serving(app, async (ask) => {
    assert.equal((await ask("/order", json({ a: "fine" }))).text, '{"handled":1,"got":{"a":"fine"}}');
    assert.equal((await ask("/order", json({ a: ["evil"] }))).status, 403);
    const form = { method: "POST", body: new URLSearchParams({ a: "evil" }) };
    assert.equal((await ask("/order", form)).status, 403);
    const untyped = Buffer.from('{"a":"evil"}');
    assert.equal((await ask("/order", { method: "POST", body: untyped })).status, 403);
    const parts = new FormData();
    parts.append("a", "evil");
    assert.equal((await ask("/order", { method: "POST", body: parts })).status, 403);
    assert.equal(handled, 1);
    const large = { a: "x".repeat(500_000) };
    assert.equal((await ask("/echo", { ...json({ a: "y".repeat(90_000) }) })).status, 200);
    assert.equal((await ask("/order", json({ first: "evil", ...large }))).status, 403, "the beginning is looked at");
  });
  assert.deepEqual(lines.map(({ inspected }) => inspected), ["full", "full", "full", "full", "partial"]);
});

test("bytes of any body arrive as they were sent, also where something waited before", async () => {
  const { guard, lines } = protectedSite();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
  const receive = async (request, response) => {
    const got = [];
    for await (const part of request) got.push(part);
    response.end(String(Buffer.concat(got).equals(bytes)));
  };
  const post = { method: "POST", headers: { "content-type": "application/octet-stream" }, body: bytes };
  await serving((request, response) => guard(request, response, () => receive(request, response)), async (ask) => {
    assert.equal((await ask("/?a=strange", post)).text, "true");
  });
  assert.equal(lines[0].inspected, "none", "what was not looked at is told");
  const late = async (request, response) => {
    await later(50);
    guard(request, response, () => receive(request, response));
  };
  await serving(late, async (ask) => {
    assert.equal((await ask("/", post)).text, "true");
    const text = { ...post, headers: { "content-type": "text/plain" } };
    assert.equal((await ask("/", text)).text, "true");
    assert.equal((await ask("/", json({ a: "evil" }))).status, 403);
  });
});

test("a connection goes on after a block", async () => {
  const { guard } = protectedSite();
  const { app } = shop(guard);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await serving(app, async (_, port) => {
    const sockets = new Set();
    const ask = (path, body) =>
      new Promise((done, fail) => {
        const headers = { "content-type": "application/json" };
        const request = httpRequest({ port, path, agent, method: body ? "POST" : "GET", headers }, (response) => {
          sockets.add(response.socket.localPort);
          response.resume().on("end", () => done(response.statusCode));
        });
        request.on("error", fail).end(body);
      });
    const got = [];
    for (const body of ['{"a":"evil"}', undefined, '{"a":"evil"}', '{"a":"fine"}']) got.push(await ask("/echo", body));
    assert.deepEqual(got, [403, 200, 403, 200]);
    assert.equal(sockets.size, 1);
  });
  agent.destroy();
});

test("a response is looked at before it is sent", async () => {
  const { guard } = protectedSite();
  const answers = {
    "/status": (response) => response.writeHead(418).end("tea"),
    "/implicit": (response) => ((response.statusCode = 418), response.end("tea")),
    "/header": (response) => response.setHeader("x-level", "top-secret").end("secret"),
    "/given": (response) => response.writeHead(200, "fine", { "x-level": "top-secret" }).end("secret"),
    "/listed": (response) => response.writeHead(200, ["x-level", "top-secret"]).end("secret"),
    "/written": (response) => (response.setHeader("x-level", "top-secret"), response.write("sec"), response.end("ret")),
    "/fine": (response) => (response.write("fi"), response.end("ne", () => {})),
  };
  const handler = (request, response) => guard(request, response, () => answers[request.url](response));
  await serving(handler, async (ask) => {
    for (const path of Object.keys(answers).filter((path) => path !== "/fine")) {
      const { status, text, headers } = await ask(path);
      assert.deepEqual([path, status, headers.get("x-level")], [path, 403, null]);
      assert.doesNotMatch(text, /secret|tea/);
    }
    const fine = await ask("/fine");
    assert.deepEqual([fine.status, fine.text], [200, "fine"]);
    assert.equal((await ask("/fine", { method: "HEAD" })).status, 200);
  });
});

test("the mode monitor blocks nothing and tells all", async () => {
  const { guard, lines } = protectedSite({ mode: "monitor" });
  const { app } = shop(guard);
  await serving(app, async (ask) => {
    assert.equal((await ask("/echo?a=evil", json({ a: "evil" }))).status, 200);
  });
  assert.deepEqual([lines[0].verdict, lines[0].events.map(({ rule }) => rule.id).sort()], ["monitor", ["body", "query"]]);
});

test("what is switched off does nothing", async () => {
  const { guard, lines } = protectedSite({ enabled: false });
  const { app } = shop(guard);
  await serving(app, async (ask) => assert.equal((await ask("/echo?a=evil")).status, 200));
  assert.deepEqual([lines, guard.protection.counts.requests], [[], 0]);
});

test("settings come from the environment, and options win", () => {
  const { protection, said } = protectedSite({ env: { BARTIZAN_MODE: "monitor", DD_API_KEY: "x", BARTIZAN_BODY_LIMIT: "5" }, bodyLimit: 7 });
  assert.deepEqual([protection.settings.mode, protection.settings.body_limit], ["monitor", 7]);
  assert.deepEqual(said, []);
  assert.match(protectedSite({ mode: "sometimes" }).said.join(), /mode/i);
});

test("proxies that are trusted tell the client's address", async () => {
  const { guard, lines } = protectedSite({ trustedProxies: ["127.0.0.0/8"] });
  const { app } = shop(guard);
  await serving(app, (ask) => ask("/echo?a=strange", { headers: { "x-forwarded-for": "198.51.100.7" } }));
  assert.equal(lines[0].client_ip, "198.51.100.7");
});

test("HTTP/2 is looked at as well", async () => {
  const { guard, lines } = protectedSite();
  const handler = (request, response) =>
    guard(request, response, async () => {
      let text = "";
      for await (const part of request) text += part;
      response.end(text);
    });
  await serving(handler, async (_, port) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const ask = (path, body) =>
      new Promise((done, fail) => {
        const stream = session.request({ ":path": path, ":method": body ? "POST" : "GET", "content-type": "application/json" });
        let status;
        let text = "";
        stream.on("response", (headers) => (status = headers[":status"]));
        stream.setEncoding("utf8").on("data", (part) => (text += part)).on("end", () => done([status, text])).on("error", fail);
        stream.end(body);
      });
    assert.deepEqual(await ask("/", '{"a":"fine"}'), [200, '{"a":"fine"}']);
    assert.equal((await ask("/?a=evil"))[0], 403);
    assert.equal((await ask("/", '{"a":"evil"}'))[0], 403);
    session.close();
  }, http2.createServer);
  assert.deepEqual(lines.map(({ method, path, verdict }) => `${method} ${path} ${verdict}`), ["GET / block", "POST / block"]);
});

test("users and events belong to the request that they are told in", async () => {
  const { guard, lines } = protectedSite();
  const { app, express } = shop(guard);
  let after = 0;
  app.post("/login", async (request, response) => {
    await later(5);
    trackUserLoginSuccess(request.body.login, { id: request.body.login, sessionId: "s1" }, { plan: { kind: "gold" } });
    setUser(request.body.login, { email: "a@example.com", sessionId: "s1" });
    after += 1;
    response.send("welcome");
  });
  app.post("/fail", (request, response) => response.send(String(trackUserLoginFailure("joe", false).blocked)));
  app.post("/signup", (request, response) => response.send(String(trackUserSignup("joe", "7").blocked)));
  app.post("/pay", (request, response) => response.send(String(trackCustomEvent("payment.failure", { reason: request.body.reason }).blocked)));
  app.post("/known", (request, response) => {
    const known = isUserBlocked(request.body.id);
    if (request.body.act) blockRequest();
    response.send(String(known));
  });
  app.post("/swallowed", (request, response) => {
    try {
      setUser("mallory");
    } catch (error) {
      assert.ok(error instanceof Blocked && error.status === 403);
    }
    response.send("welcome");
  });
  app.post("/asked", (request, response) => response.send(String(setUser("mallory", {}, { block: false }).blocked)));
  app.use(blocked);
  app.use((error, request, response, next) => response.status(500).send("wrong"));
  await serving(app, async (ask) => {
    const post = async (path, body) => ((got) => [got.status, got.text])(await ask(path, json(body)));
    const both = await Promise.all(["alice", "bob"].map((login) => post("/login", { login })));
    assert.deepEqual(both, [[200, "welcome"], [200, "welcome"]]);
    assert.equal((await post("/login", { login: "mallory" }))[0], 403);
    assert.equal(after, 2, "the handler of a blocked user goes no further");
    assert.deepEqual(await post("/fail", {}), [200, "false"]);
    assert.deepEqual(await post("/signup", {}), [200, "false"]);
    assert.deepEqual(await post("/pay", { reason: "expired" }), [200, "false"]);
    assert.equal((await post("/pay", { reason: "stolen" }))[0], 403);
    assert.deepEqual(await post("/known", { id: "mallory" }), [200, "true"]);
    assert.deepEqual(await post("/known", { id: "alice", act: true }), [200, "false"]);
    assert.equal((await post("/known", { id: "mallory", act: true }))[0], 403);
    assert.equal((await post("/swallowed", {}))[0], 403);
    assert.equal((await post("/asked", {}))[0], 403);
  });
  const of = (path) => lines.filter((line) => line.path === path);
  const logins = of("/login").map(({ tags }) => tags["usr.id"]);
  assert.deepEqual(logins.sort(), ["alice", "bob", "mallory"]);
  const alice = of("/login").find(({ tags }) => tags["usr.id"] === "alice").tags;
  assert.equal(alice["appsec.events.users.login.success.track"], "true");
  assert.equal(alice["appsec.events.users.login.success.plan.kind"], "gold");
  assert.deepEqual([alice["usr.email"], alice["usr.session_id"]], ["a@example.com", "s1"]);
  assert.equal(of("/fail")[0].tags["appsec.events.users.login.failure.track"], "true");
  assert.equal(of("/signup")[0].tags["appsec.events.users.signup.track"], "true");
});

test("the current request is known in every callback, and nowhere else", async () => {
  const { guard } = protectedSite();
  const handler = (request, response) =>
    guard(request, response, () => {
      const own = request.bartizan;
      request.resume().on("end", () => {
        const inEvent = current() === own;
        setTimeout(() => response.end(`${inEvent} ${current() === own} ${current() !== undefined}`), 1);
      });
    });
  await serving(handler, async (ask) => {
    assert.equal((await ask("/", json({ a: "fine" }))).text, "true true true");
  });
  assert.equal(current(), undefined);
  assert.equal(setUser("alice").blocked, false, "outside nothing happens");
});

test("log-ins that passport sees are told by themselves", async () => {
  const { guard, lines } = protectedSite();
  const { Passport } = peers("passport");
  const { Strategy } = peers("passport-local");
  const passport = installed("bartizan/passport").watch(new Passport());
  const users = [{ id: 1, username: "alice", password: "a" }, { id: "mallory", username: "mallory", password: "m" }];
  passport.use(new Strategy((username, password, done) => {
    const user = users.find((user) => user.username === username);
    setImmediate(() => done(null, user?.password === password && user));
  }));
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => done(null, users.find((user) => user.id === id)));
  const { app } = shop(guard);
  app.post("/login", passport.authenticate("local", { session: false }), (request, response) => response.send(request.user.username));
  app.get("/me", (request, response, next) =>
    passport.deserializeUser(Number(request.query.id), request, (error, user) => (error ? next(error) : response.send(user.username))),
  );
  await serving(app, async (ask) => {
    const login = async (username, password) => (await ask("/login", json({ username, password }))).status;
    assert.deepEqual([await login("alice", "a"), await login("alice", "b"), await login("mallory", "m")], [200, 401, 403]);
    assert.equal((await ask("/me?id=1")).text, "alice");
  });
  const [success, failure, refused, session] = lines.map(({ tags }) => tags);
  assert.equal(success["appsec.events.users.login.success.track"], "true");
  assert.equal(success["usr.id"], "1");
  assert.equal(failure["appsec.events.users.login.failure.track"], "true");
  assert.equal(refused["usr.id"], "mallory");
  assert.equal(session["usr.id"], "1");
  assert.ok(!JSON.stringify(lines).includes("password"), "secrets stay where they are");
});

test("handlers of Fetch requests are protected alike", async () => {
  const { guard, guardedOf } = installed("bartizan");
  const { protection, lines } = protectedSite();
  const handler = guard(protection, async (request) => {
    const text = await request.text();
    if (request.url.endsWith("/user")) setUser("mallory");
    if (request.url.endsWith("/explicit")) setUser("alice", {}, { request: guardedOf(request) });
    return new Response(`got ${text}`, { status: request.url.endsWith("/tea") ? 418 : 200 });
  }, { peer: () => "198.51.100.7" });
  const ask = async (path, options) => ((response) => response.text().then((text) => [response.status, text]))(await handler(new Request(`http://shop.example${path}`, options)));
  assert.deepEqual(await ask("/"), [200, "got "]);
  assert.deepEqual(await ask("/", { method: "POST", body: "fine" }), [200, "got fine"]);
  for (const [path, options] of [["/?a=evil"], ["/", json({ a: "evil" })], ["/tea"], ["/user"]]) {
    assert.equal((await ask(path, options))[0], 403, path);
  }
  const large = await ask("/", { method: "POST", body: "z".repeat(1_000_000) });
  assert.equal(large[1].length, 1_000_004);
  await ask("/explicit");
  assert.equal(lines.at(-1).tags["usr.id"], "alice");
  assert.equal(lines[0].client_ip, "198.51.100.7");
});
