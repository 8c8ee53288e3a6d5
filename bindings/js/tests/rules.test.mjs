// Rules that arrive while serving, and what becomes of rules that are none.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createServer } from "node:http";
import { RULES, protectedSite, serving } from "./site.mjs";

const made = [];
const open = [];
after(() => {
  open.forEach((protection) => protection.close());
  made.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

function folder() {
  made.push(mkdtempSync(join(tmpdir(), "bartizan-")));
  return made.at(-1);
}

/** Rules that find a word in the query. */
const finding = (word) => ({
  version: "2.2",
  rules: RULES.rules.map((rule) => (rule.id === "query" ? { ...rule, conditions: [{ operator: "phrase_match", parameters: { inputs: [{ address: "server.request.query" }], list: [word] } }] } : rule)),
});

function site(options) {
  const made = protectedSite(options);
  open.push(made.protection);
  return made;
}

/** Whether a word in the query is blocked. */
function blocks({ protection }, word) {
  const guarded = protection.begin();
  guarded.start({ method: "GET", target: `/?q=${word}`, headers: { "user-agent": "x" }, peer: "127.0.0.1" });
  guarded.finish();
  return guarded.response?.status === 403;
}

test("a file is read again when it has changed, and only what is right counts", async () => {
  const path = join(folder(), "rules.json");
  writeFileSync(path, JSON.stringify(finding("one")));
  const live = site({ rules: path });
  assert.deepEqual([blocks(live, "one"), blocks(live, "two")], [true, false]);
  const change = async (text) => {
    writeFileSync(path, text);
    await live.protection.refresh();
  };
  await change(JSON.stringify(finding("two"), null, 1));
  assert.deepEqual([blocks(live, "one"), blocks(live, "two")], [false, true]);
  const good = readFileSync(path);
  for (const bad of [good.subarray(0, good.length / 2), "", "garbage", "[]", '{"version":"2.2","rules":[]}', Buffer.alloc(2000, 255), "null"]) {
    const before = live.said.length;
    await change(bad);
    assert.equal(blocks(live, "two"), true, String(bad).slice(0, 20));
    assert.ok(live.said.length > before, `${String(bad).slice(0, 20)}: nothing was said`);
    assert.match(live.said.at(-1), /refused.*last good rules stay/s);
  }
  const before = live.said.length;
  await live.protection.refresh();
  assert.equal(live.said.length, before, "the same is not said again and again");
  writeFileSync(path, "");
  truncateSync(path, 17 * 1024 * 1024);
  await live.protection.refresh();
  assert.match(live.said.at(-1), /more than 16777216 bytes/);
  rmSync(path);
  await live.protection.refresh();
  assert.match(live.said.at(-1), /ENOENT/);
  assert.equal(blocks(live, "two"), true);
  await change(JSON.stringify(finding("three")));
  assert.deepEqual([blocks(live, "two"), blocks(live, "three")], [false, true], "and it comes back");
});

test("all files of a directory are in force together", async () => {
  const place = folder();
  writeFileSync(join(place, "1.json"), JSON.stringify(finding("one")));
  writeFileSync(join(place, "notes.txt"), "not rules");
  const live = site({ rules: [place] });
  const more = { version: "2.2", rules: [{ ...finding("two").rules[1], id: "more", name: "more" }] };
  writeFileSync(join(place, "2.json"), JSON.stringify(more));
  await live.protection.refresh();
  assert.deepEqual([blocks(live, "one"), blocks(live, "two")], [true, true]);
  rmSync(join(place, "1.json"));
  await live.protection.refresh();
  assert.deepEqual([blocks(live, "one"), blocks(live, "two")], [false, true]);
});

test("rule data with an end is part of what can be renewed", async () => {
  const path = join(folder(), "rules.json");
  const rules = {
    version: "2.2",
    rules: [
      ...RULES.rules,
      {
        id: "blocked-ip",
        name: "blocked ip",
        tags: { type: "block_ip", category: "security_response" },
        conditions: [{ operator: "ip_match", parameters: { inputs: [{ address: "http.client_ip" }], data: "ips" } }],
        on_match: ["block"],
      },
    ],
  };
  const data = (expiration) => ({ rules_data: [{ id: "ips", type: "ip_with_expiration", data: [{ value: "127.0.0.1", expiration }] }] });
  writeFileSync(path, JSON.stringify({ ...rules, ...data(1) }));
  const live = site({ rules: path });
  assert.equal(blocks(live, "fine"), false, "it has expired");
  writeFileSync(path, JSON.stringify({ ...rules, ...data(0) }));
  await live.protection.refresh();
  assert.equal(blocks(live, "fine"), true);
});

test("a checksum beside a file has to fit", async () => {
  const path = join(folder(), "rules.json");
  const put = (rules, sum) => {
    writeFileSync(path, JSON.stringify(rules));
    writeFileSync(`${path}.sha256`, sum ?? `${createHash("sha256").update(JSON.stringify(rules)).digest("hex")}  rules.json\n`);
  };
  put(finding("one"));
  const live = site({ rules: path });
  assert.equal(blocks(live, "one"), true);
  put(finding("two"), "0".repeat(64));
  await live.protection.refresh();
  assert.match(live.said.at(-1), /checksum/);
  assert.deepEqual([blocks(live, "one"), blocks(live, "two")], [true, false]);
  put(finding("two"));
  await live.protection.refresh();
  assert.equal(blocks(live, "two"), true);
  const other = join(folder(), "more.json");
  writeFileSync(other, JSON.stringify({ version: "2.2", rules: [{ ...RULES.rules[3], id: "other" }] }));
  const several = site({ rules: [path, other] });
  assert.equal(blocks(several, "two"), true);
  writeFileSync(`${path}.sha256`, "0".repeat(64));
  await several.protection.refresh();
  assert.match(several.said.at(-1), /checksum/);
});

test("an address is asked for what is new, and may be away", async () => {
  const serve = { text: JSON.stringify(finding("one")), status: 200, headers: {}, asked: [] };
  const handler = (request, response) => {
    const etag = `"${createHash("sha256").update(serve.text).digest("hex").slice(0, 8)}"`;
    serve.asked.push(request.headers["if-none-match"]);
    if (request.headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    response.writeHead(serve.status, { etag, ...serve.headers }).end(serve.text);
  };
  const state = folder();
  const server = createServer(handler);
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${server.address().port}/waf.json`;
  const live = site({ rules: address, stateDir: state });
  await live.protection.ready;
  assert.equal(blocks(live, "one"), true);
  await live.protection.refresh();
  assert.ok(serve.asked[1], "the second time the etag was sent");
  assert.equal(live.protection.counts.swaps, 1);
  serve.text = JSON.stringify(finding("two"));
  serve.headers = { "repr-digest": `sha-256=:${createHash("sha256").update("other").digest("base64")}:` };
  await live.protection.refresh();
  assert.match(live.said.at(-1), /checksum/);
  assert.equal(blocks(live, "one"), true);
  serve.headers = { "repr-digest": `sha-256=:${createHash("sha256").update(serve.text).digest("base64")}:` };
  await live.protection.refresh();
  assert.equal(blocks(live, "two"), true);
  serve.headers = {};
  for (const [status, text, said] of [[500, "no", /answers 500/], [200, '{"version', /refused/], [200, "x".repeat(17_000_000), /more than/]]) {
    Object.assign(serve, { status, text });
    await live.protection.refresh();
    assert.match(live.said.at(-1), said);
    assert.equal(blocks(live, "two"), true);
  }
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await live.protection.refresh();
  assert.match(live.said.at(-1), /cannot be read/);
  assert.equal(blocks(live, "two"), true);
  const restarted = site({ rules: address, stateDir: state });
  assert.equal(blocks(restarted, "two"), true, "the last good rules survive a restart, before the source is asked");
  await restarted.protection.ready;
  assert.equal(blocks(restarted, "two"), true);
  writeFileSync(join(state, "last-good.json"), readFileSync(join(state, "last-good.json")).subarray(0, 100));
  const damaged = site({ rules: address, stateDir: state });
  assert.match(damaged.said.join(), /kept rules/);
  assert.equal(blocks(damaged, "two"), false);
});

test("a swap disturbs no request that has begun", async () => {
  const path = join(folder(), "rules.json");
  writeFileSync(path, JSON.stringify(finding("one")));
  const live = site({ rules: path });
  const handler = (request, response) =>
    live.guard(request, response, async () => {
      writeFileSync(path, JSON.stringify(finding("two"), null, 2));
      await live.protection.refresh();
      request.bartizan.eval({ "server.request.query": { q: "one" } });
      response.end("passed");
    });
  await serving(handler, async (ask) => {
    assert.equal((await ask("/")).status, 403, "it is judged by the rules that it began with");
    assert.equal((await ask("/?q=two")).status, 403, "the next one by those that came");
  });
});

test("who is not protected is told so", () => {
  const none = site({ rules: [] });
  assert.match(none.said.join("\n"), /no rules are given.*BARTIZAN_RULES/s);
  assert.match(none.said.join("\n"), /NOT PROTECTED/);
  const blind = site({ rules: { version: "2.2", rules: [RULES.rules[1]] } });
  assert.match(blind.said.join("\n"), /NOT PROTECTED/, "the canary is not found");
  assert.deepEqual(site({}).protection.selfCheck(), { ok: true, problems: [] });
  assert.deepEqual(site({}).said, []);
});

test("the doctor knows what was never sent", () => {
  const live = site({});
  blocks(live, "x");
  const { wanted, sent, never_sent: never } = live.protection.doctor();
  assert.ok(wanted.includes("usr.id") && never.includes("usr.id") && !sent.includes("usr.id"));
  assert.ok(sent.includes("server.request.query") && !never.includes("server.request.query"));
});

test("events are lines of JSON in a file", async () => {
  const path = join(folder(), "events.ndjson");
  const live = site({ events: path, env: {} });
  blocks(live, "evil");
  blocks(live, "strange");
  await new Promise((written) => setTimeout(written, 100));
  const lines = readFileSync(path, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ verdict }) => verdict), ["block", "monitor"]);
  const nowhere = site({ events: join(folder(), "not", "there"), env: {} });
  assert.equal(blocks(nowhere, "evil"), true, "a sink that does not work stops nothing");
  await new Promise((written) => setTimeout(written, 50));
});

test("templates come from files that variables name", () => {
  const path = join(folder(), "page.html");
  writeFileSync(path, "<p>our page</p>");
  const live = site({ env: { BARTIZAN_HTML_TEMPLATE_FILE: path } });
  const guarded = live.protection.begin();
  guarded.start({ method: "GET", target: "/?q=evil", headers: { accept: "text/html" } });
  assert.equal(guarded.response.body, "<p>our page</p>");
  mkdirSync(join(path, "..", "x"));
});
