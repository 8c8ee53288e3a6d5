// The package as npm installed it, in Node: $BARTIZAN_PROJECT is a project that depends on it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { test } from "node:test";

const project = process.env.BARTIZAN_PROJECT ?? resolve("target/npm-project");
const require = createRequire(resolve(project, "index.js"));
const { Builder, Context, EngineError, Instance, version } = require("bartizan");

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
  assert.equal(version(), JSON.parse(readFileSync(require.resolve("bartizan/package.json"))).version);
});

test("configuration is accepted, refused and removed", () => {
  const builder = new Builder();
  assert.equal(builder.build(), undefined);
  assert.deepEqual(builder.update("rules", RULES).diagnostics.rules.loaded, ["evil", "second"]);
  const { accepted, diagnostics } = builder.update("rules", { version: "1.0", rules: [] });
  assert.equal(accepted, false);
  assert.match(diagnostics.error, /unsupported schema version/);
  assert.ok(builder.build(), "what was accepted before is still in force");
  assert.equal(builder.update("cut", '{"rules":').accepted, false);
  assert.throws(() => builder.add("rules", RULES), TypeError);
  assert.equal(builder.add("more", { version: "2.2", rules: [rule("third", "c", "y")] }).accepted, true);
  assert.deepEqual(builder.paths(), ["rules", "more"]);
  assert.deepEqual([builder.remove("rules"), builder.remove("rules")], [true, false]);
  assert.deepEqual(builder.build().addresses(), ["c"]);
  assert.deepEqual([builder.remove("more"), builder.paths(), builder.build()], [true, [], undefined]);
  for (const path of ["", undefined, 5]) assert.throws(() => builder.update(path, RULES), TypeError);
  for (const config of [undefined, () => 0, 5, null, "", "text", Symbol("s")]) {
    assert.equal(builder.update("none", config).accepted, false, String(config));
  }
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
  assert.ok(result.duration > 0, "the clock is the host's");
  const text = (options) => instance.context().evalJson('{"a":"evil"}', options).replace(/"duration":\d+/, "");
  assert.equal(text({ entropy: 7n }), text({ entropy: 7n }));
  assert.notEqual(text({ entropy: 7n }), text({ entropy: 7n + 2n ** 32n }));
  assert.notEqual(text(), text(), "ids are drawn when nothing is given");
});

test("every kind of document is taken", () => {
  const shared = { b: "evil" };
  const circle = { evil: "evil" };
  circle.self = circle;
  const documents = [
    { a: "evil" },
    '{"a":"evil"}',
    Buffer.from('{"a":"evil"}'),
    Uint8Array.from([0x81, 0xa1, 0x61, 0xa4, ...Buffer.from("evil")]),
    { a: "evil\ud800" },
    { a: `${"é".repeat(100)}evil` },
    { a: "evil", b: undefined, c: () => 0, d: NaN, e: Symbol("e") },
    { a: [undefined, 1n, -1n, 2n ** 70n, 1.5, -0, 2 ** 53, -(2 ** 40), "evil"] },
    { a: { [Symbol("s")]: 1, constructor: "evil" } },
    { a: new Map([["k", new Set(["evil"])]]) },
    { a: Object.create(null, { k: { value: "evil", enumerable: true } }) },
    { a: new String("evil") },
    { a: Buffer.from("evil") },
    { a: { toJSON: 5, k: "evil" } },
    { a: new (class { toJSON() { return { k: "evil" }; } })() },
    { a: [shared, shared] },
    { a: circle },
    Object.assign(Object.create({ inherited: 1 }), { a: "evil" }),
  ];
  for (const document of documents) assert.ok(load().context().eval(document), String(Object.keys(document)));
  const batches = [{ a: "fine" }, { b: "x" }];
  assert.equal(load().context().eval(batches, { batches: true }).evaluated, 2);
  for (const document of [batches, '"text"', "{", 5, null, undefined, () => 0]) {
    assert.throws(() => load().context().eval(document), (error) => error instanceof EngineError && error.code === "document");
  }
  const inherited = Object.create({ a: "evil" });
  assert.equal(load().context().eval(inherited), undefined, "only own properties count");
});

test("values are the same to the engine as their JSON", () => {
  const values = [
    ["x".repeat(31), "x".repeat(32), "x".repeat(255), "x".repeat(256), "x".repeat(70_000), "é".repeat(30_000), ""],
    [0, 127, 128, 255, 65_536, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, -1, -32, -33, -(2 ** 31), -(2 ** 53) + 1, 0.1],
    Array.from({ length: 70_000 }, (_, at) => at % 100),
    Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`key${at}`, { at }])),
    [new Date(5), true, false, null],
    JSON.parse(`${"[".repeat(60)}"deep"${"]".repeat(60)}`),
  ];
  const echo = {
    version: "2.2",
    rules: [rule("any", "go", "x")],
    processors: [
      {
        id: "schema",
        generator: "extract_schema",
        parameters: { mappings: [{ inputs: [{ address: "a" }], output: "schema" }] },
        evaluate: false,
        output: true,
      },
    ],
  };
  const instance = load(echo);
  for (const value of values) {
    const tell = (document) => instance.context().eval(document)?.attributes.schema;
    const schema = tell({ a: value });
    assert.notEqual(schema, undefined);
    assert.deepEqual(schema, tell(JSON.stringify({ a: value })));
  }
});

test("limits are kept to", () => {
  const instance = load();
  const data = { a: "x".repeat(300_000) + "evil" };
  for (const options of [{ budget: 0 }, { timeoutMs: 0 }, { deadline: performance.now() - 1 }]) {
    assert.equal(instance.context().eval(data, options)?.events.length ?? 0, 0, JSON.stringify(options));
  }
  for (const options of [{ budget: 10 ** 9 }, { timeoutMs: 10_000 }, { deadline: performance.now() + 10_000 }]) {
    assert.equal(instance.context().eval(data, options).events.length, 1, JSON.stringify(options));
  }
});

test("options are numbers that can be what they say", () => {
  const context = load().context();
  const wrong = [{ now: -1 }, { now: 1.5 }, { now: "5" }, { entropy: 2n ** 64n }, { budget: -1n }, { timeoutMs: -1 }, { deadline: "x" }];
  for (const options of wrong) {
    assert.throws(() => context.eval({}, options), TypeError, Object.keys(options).join());
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
  const builder = new Builder();
  builder.update("rules", RULES);
  const instance = builder.build();
  const context = instance.context();
  const child = context.subcontext();
  builder.close();
  instance.close();
  context.close();
  context.close();
  assert.ok(child.eval({ a: "evil" }));
  const closed = (error) => error instanceof EngineError && error.code === "closed";
  for (const use of [() => context.eval({}), () => instance.context(), () => builder.build(), () => context.subcontext()]) {
    assert.throws(use, closed);
  }
  for (const kind of [Instance, Context]) assert.throws(() => new kind(), TypeError);
  for (const kind of [Builder, Instance, Context]) {
    if (Symbol.dispose) assert.equal(kind.prototype[Symbol.dispose], kind.prototype.close);
  }
});

test("documents of any size pass, and leave the memory as it was", () => {
  const many = Array.from({ length: 2000 }, (_, i) => rule(`r${i}`, "a", `word${i}x`));
  const instance = load({ version: "2.2", rules: many });
  for (const size of [10, 70_000, 3_000_000, 10]) {
    const context = instance.context();
    assert.ok(context.eval({ a: `${"y".repeat(size)}word1999x` }), String(size));
    context.close();
  }
  const explosive = { v: ["x".repeat(100)] };
  for (let level = 0; level < 15; level++) explosive.v = Array(8).fill(explosive.v);
  assert.throws(() => instance.context().eval({ a: explosive }), RangeError);
  assert.ok(instance.context().eval({ a: "word5x" }), "what came before does not matter");
});

test("what is forgotten is collected", async () => {
  const instance = load();
  const { linear_memory: memory } = require(resolve(project, "node_modules/bartizan/lib/glue.cjs"));
  let warm;
  for (let round = 0; round < 60; round++) {
    for (let at = 0; at < 200; at++) instance.context().eval({ a: "quiet".repeat(400), at });
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 1));
    if (round === 20) warm = memory().buffer.byteLength;
  }
  assert.ok(globalThis.gc, "this file runs with --expose-gc");
  assert.ok(memory().buffer.byteLength <= warm + 1_048_576, `${warm} bytes have become ${memory().buffer.byteLength}`);
});
