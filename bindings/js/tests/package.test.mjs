// The package on what ships: dist/js, or the folder js in $BARTIZAN_DIST.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = process.env.BARTIZAN_DIST || resolve(here, "../../../dist");
const folder = resolve(dist, "js");
const { Builder, version } = createRequire(import.meta.url)(folder);

const rule = (id, address, regex, more = {}) => ({
  id,
  name: id,
  tags: { type: id },
  conditions: [{ operator: "match_regex", parameters: { inputs: [{ address }], regex } }],
  ...more,
});
const RULES = { version: "2.2", rules: [rule("evil", "a", "ev.l", { on_match: ["block"] }), rule("second", "b", "x")] };

const load = (config = RULES) => {
  const builder = new Builder();
  assert.equal(builder.update("rules", config).accepted, true);
  return builder.build();
};

test("the version is that of the package", () => {
  assert.equal(version(), JSON.parse(readFileSync(resolve(folder, "package.json"))).version);
});

test("every name of the package leads somewhere", async () => {
  const manifest = JSON.parse(readFileSync(resolve(folder, "package.json")));
  const paths = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(paths));
  for (const path of [...paths(manifest.exports), ...manifest.files, manifest.main, manifest.types]) {
    assert.ok(["node", "web"].includes(path) || readFileSync(resolve(folder, path)).length > 0, path);
  }
  const esm = await import(pathToFileURL(resolve(folder, "node.mjs")));
  assert.deepEqual(Object.keys(esm).sort(), ["Builder", "Context", "Instance", "version"]);
  const types = readFileSync(resolve(folder, "node/bartizan.d.ts"), "utf8");
  for (const part of ["eval(data: Document, options?: Options | null): Result | undefined", "update(path: string, config: Document): Update"]) {
    assert.ok(types.includes(part), `${part} is not in\n${types}`);
  }
});

test("the module for browsers is the same engine", async () => {
  // As text, since Node would take the file for a script of the older kind.
  const source = readFileSync(resolve(folder, "web/bartizan.js"));
  const web = await import(`data:text/javascript;base64,${source.toString("base64")}`);
  web.initSync({ module: new WebAssembly.Module(readFileSync(resolve(folder, "web/bartizan_bg.wasm"))) });
  const builder = new web.Builder();
  builder.update("rules", RULES);
  const options = { now: 5, entropy: 7n };
  const theirs = builder.build().context().evalJson({ a: "evil" }, options);
  assert.equal(theirs, load().context().evalJson({ a: "evil" }, options));
});

test("configuration is accepted, refused and removed", () => {
  const builder = new Builder();
  assert.deepEqual(builder.update("rules", RULES).diagnostics.rules.loaded, ["evil", "second"]);
  const { accepted, diagnostics } = builder.update("rules", { version: "1.0", rules: [] });
  assert.equal(accepted, false);
  assert.match(diagnostics.error, /unsupported schema version/);
  assert.ok(builder.build(), "what was accepted before is still in force");
  assert.equal(builder.update("cut", '{"rules":').accepted, false);
  assert.deepEqual([builder.remove("rules"), builder.remove("rules"), builder.build()], [true, false, undefined]);
  assert.throws(() => builder.update("", RULES), TypeError);
  const circle = {};
  circle.self = circle;
  assert.throws(() => builder.update("circle", circle), TypeError);
});

test("an instance tells what it looks at", () => {
  const instance = load();
  assert.deepEqual(instance.addresses().sort(), ["a", "b"]);
  assert.deepEqual(instance.actions(), ["block_request"]);
});

test("results come as values and as text", () => {
  const instance = load();
  const context = instance.context();
  assert.equal(context.eval({ a: "fine" }), undefined);
  const result = context.eval({ a: { k: ["an evil word"] } }, { now: 5, entropy: 7n });
  const [parameter] = result.events[0].rule_matches[0].parameters;
  assert.deepEqual([parameter.key_path, parameter.highlight], [["k", 0], ["evil"]]);
  assert.equal(result.actions.block_request.status_code, 403);
  const text = (entropy) => instance.context().evalJson('{"a":"evil"}', { entropy });
  assert.equal(text(7n), text(7n));
  assert.notEqual(text(7n), text(8n));
  assert.notEqual(text(), text(), "ids are drawn when nothing is given");
});

test("every kind of document is taken", () => {
  const documents = [
    { a: "evil" },
    '{"a":"evil"}',
    Buffer.from('{"a":"evil"}'),
    Uint8Array.from([0x81, 0xa1, 0x61, 0xa4, ...Buffer.from("evil")]),
    { a: "evil\ud800" },
    { a: "evil", b: undefined, c: () => 0, d: NaN },
  ];
  for (const document of documents) assert.ok(load().context().eval(document), String(document));
  const batches = [{ a: "fine" }, { b: "x" }];
  assert.equal(load().context().eval(batches, { batches: true }).evaluated, 2);
  for (const document of [batches, '"text"', "{", 5, null]) {
    assert.throws(() => load().context().eval(document), Error, String(document));
  }
  for (const document of [undefined, () => 0, { a: 1n }]) {
    assert.throws(() => load().context().eval(document), TypeError, String(document));
  }
});

test("options are numbers that can be what they say", () => {
  const context = load().context();
  for (const options of [{ now: -1 }, { now: 1.5 }, { now: "5" }, { entropy: 2n ** 64n }, { budget: -1n }]) {
    assert.throws(() => context.eval({}, options), TypeError, JSON.stringify(Object.keys(options)));
  }
  assert.equal(context.eval({ a: "fine" }, { now: 5n, entropy: 2n ** 64n - 1n, budget: 10 ** 9 }), undefined);
});

test("a subcontext keeps what it finds", () => {
  const parent = load().context();
  parent.eval({ b: "x" });
  const child = parent.subcontext();
  assert.equal(child.eval({ b: "x" }), undefined, "the parent has reported it");
  assert.ok(child.eval({ a: "evil" }));
  assert.ok(parent.eval({ a: "evil" }), "nothing flows back");
});

test("lifetimes do not depend on each other", () => {
  const instance = load();
  const context = instance.context();
  const child = context.subcontext();
  instance.free();
  context.free();
  assert.ok(child.eval({ a: "evil" }));
  assert.throws(() => context.eval({}));
});

test("documents of any size pass", () => {
  const many = Array.from({ length: 2000 }, (_, i) => rule(`r${i}`, "a", `word${i}x`));
  const instance = load({ version: "2.2", rules: many });
  assert.ok(instance.context().eval({ a: `${"y".repeat(1_000_000)}word1999x` }));
});
