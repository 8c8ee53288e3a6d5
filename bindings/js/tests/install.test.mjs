// The package as npm installed it, in every kind of place that it is for: projects of both kinds of module, a
// compiler of types, a bundler, a browser. $BARTIZAN_PROJECT depends on it; $BARTIZAN_PEERS has the tools.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { after, test } from "node:test";

const installed = resolve(process.env.BARTIZAN_PROJECT ?? "target/npm-project");
const peers = createRequire(resolve(process.env.BARTIZAN_PEERS ?? "target/npm", "index.js"));
const readme = readFileSync(join(installed, "node_modules/bartizan/README.md"), "utf8");
const [example] = /```js\n([^]*?)```/.exec(readme).slice(1);
const SAID = "sql-injection 403\n";

const made = [];
after(() => made.forEach((folder) => rmSync(folder, { recursive: true })));

/** An empty project of a kind, with the package in it and these files. */
function project(kind, files) {
  const folder = mkdtempSync(join(tmpdir(), "bartizan-"));
  made.push(folder);
  cpSync(join(installed, "node_modules"), join(folder, "node_modules"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: kind }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function node(folder, ...args) {
  try {
    return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new Error(`${error.stdout.slice(-2000)}${error.stderr.slice(-2000)}`);
  }
}

const asCommonJs = example.replace('import { Builder } from "bartizan"', 'const { Builder } = require("bartizan")');
/** The example, where the module comes first. */
const asWeb = (load) => example.replace('import { Builder } from "bartizan";', `import { init, initSync, Builder } from "bartizan/web";\n${load}`);

test("the example of the README runs in an empty project of ECMAScript modules", () => {
  assert.equal(node(project("module", { "main.js": example }), "main.js"), SAID);
});

test("it runs in an empty CommonJS project", () => {
  assert.notEqual(asCommonJs, example);
  assert.equal(node(project("commonjs", { "main.js": asCommonJs }), "main.js"), SAID);
});

test("both kinds of module are one engine", () => {
  const folder = project("module", {
    "main.js": `
      import * as esm from "bartizan";
      import { createRequire } from "node:module";
      const cjs = createRequire(import.meta.url)("bartizan");
      const own = Object.keys(esm).sort();
      console.log(own.join() === Object.keys(cjs).sort().join() && own.every((name) => esm[name] === cjs[name]));`,
  });
  assert.equal(node(folder, "main.js"), "true\n");
});

test("it runs from a compiled module, as workers do", () => {
  const load = `
    import { readFileSync } from "node:fs";
    initSync(new WebAssembly.Module(readFileSync("node_modules/bartizan/bartizan.wasm")));`;
  assert.equal(node(project("module", { "main.js": asWeb(load) }), "main.js"), SAID);
  const early = project("module", { "main.js": `import { version } from "bartizan/web"; version();` });
  assert.throws(() => node(early, "main.js"), /not loaded yet/);
});

test("its types are found, and say what is there", () => {
  const typed = `${example.replace("const { accepted", "const { accepted: ok, ...rest } = builder.add('x', {});\nconst { accepted")}
    const n: number = result?.events.length ?? 0;
    // @ts-expect-error
    const wrong: string = instance.addresses();
    // @ts-expect-error
    context.eval({}, { budget: "much" });`.replace("result.events[0].rule.id, result.actions", "result!.events[0].rule.id, result!.actions").replace("builder.build();", "builder.build()!;");
  const options = { strict: true, noEmit: true, module: "node16", target: "es2022", lib: ["es2022", "dom", "esnext.disposable"], types: [] };
  const tsc = (kind, text) =>
    node(
      project(kind, { "main.ts": text, "tsconfig.json": JSON.stringify({ compilerOptions: options, files: ["main.ts"] }) }),
      peers.resolve("typescript/bin/tsc"),
    );
  for (const kind of ["module", "commonjs"]) tsc(kind, typed);
  tsc("module", typed.replace('from "bartizan"', 'from "bartizan/web"'));
  const guarded = (how) => `${how}
    import { setUser, trackCustomEvent, isUserBlocked } from "bartizan";
    import { watch } from "bartizan/passport";
    const guard = protect({ rules: ["a.json"], mode: "monitor", onEvent: ({ verdict, tags }) => verdict === "block" && tags?.["usr.id"] });
    guard({}, {}, () => setUser("1", { sessionId: "s" }).blocked);
    const swaps: number = guard.protection.counts.swaps + trackCustomEvent("a", { b: 1 }).blocked.toString().length;
    const known: boolean = isUserBlocked(1n);
    // @ts-expect-error
    protect({ mode: "sometimes" });`;
  for (const kind of ["module", "commonjs"]) tsc(kind, guarded('import { protect } from "bartizan/express";'));
  assert.throws(() => tsc("module", `${typed}\nbuilder.nothing();`), /'nothing' does not exist/);
});

test("its manifest is one that tools agree on", async () => {
  const { publint } = await import(peers.resolve("publint"));
  const { messages } = await publint({ pkgDir: join(installed, "node_modules/bartizan"), pack: false });
  assert.deepEqual(messages, []);
});

test("it can be bundled, for Node and for browsers", async () => {
  const esbuild = peers("esbuild");
  const load = `import wasm from "bartizan/bartizan.wasm";\ninitSync(wasm);`;
  const folder = project("module", { "node.js": example, "web.js": asWeb(load), "worker.js": example });
  const bundle = (name, more) =>
    esbuild.build({ absWorkingDir: folder, entryPoints: [name], outfile: `${name}.out.mjs`, bundle: true, format: "esm", logLevel: "silent", ...more });
  await bundle("web.js", { platform: "neutral", target: "es2022", loader: { ".wasm": "binary" } });
  assert.equal(node(folder, "web.js.out.mjs"), SAID);
  await bundle("node.js", { platform: "node", format: "cjs", outfile: "node.js.out.cjs" });
  assert.equal(node(folder, "node.js.out.cjs"), SAID);
  rmSync(join(folder, "node_modules"), { recursive: true });
  assert.throws(() => node(folder, "node.js.out.cjs"), /copy it from the package/);
  cpSync(join(installed, "node_modules/bartizan/bartizan.wasm"), join(folder, "bartizan.wasm"));
  assert.equal(node(folder, "node.js.out.cjs"), SAID);
});

test("a bundle for Cloudflare Workers imports the module", async () => {
  const folder = project("module", { "worker.js": example });
  const { outputFiles } = await peers("esbuild").build({
    absWorkingDir: folder,
    entryPoints: ["worker.js"],
    bundle: true,
    format: "esm",
    write: false,
    conditions: ["workerd"],
    external: ["*.wasm"],
  });
  const [{ text }] = outputFiles;
  assert.match(text, /import \w+ from "[^"]*bartizan\.wasm"/);
  assert.doesNotMatch(text, /readFileSync|import\.meta/);
  // What the platform does with that import.
  const compiled = 'const module_ = new WebAssembly.Module((await import("node:fs")).readFileSync("node_modules/bartizan/bartizan.wasm"));';
  writeFileSync(join(folder, "run.mjs"), text.replace(/import (\w+) from "[^"]*\.wasm";/, (_, name) => compiled.replace("module_", name)));
  assert.equal(node(folder, "run.mjs"), SAID);
});

test("it runs in a browser", async () => {
  const page = `<!doctype html><pre id="said">nothing</pre><script type="importmap">{"imports":{"bartizan/web":"/node_modules/bartizan/web.mjs"}}</script>
    <script type="module">
    const said = document.getElementById("said");
    const console = { log: (...words) => { said.textContent = words.join(" "); } };
    try {
      globalThis.tell = console.log;
      await import("/main.js");
    } catch (error) { said.textContent = String(error); }
    </script>`;
  const main = asWeb("await init();\nconst console = { log: (...words) => globalThis.tell(...words) };");
  const folder = project("module", { "index.html": page, "main.js": main });
  const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    try {
      const body = readFileSync(join(folder, path === "/" ? "index.html" : path));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "text/html" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const profile = mkdtempSync(join(tmpdir(), "bartizan-"));
  made.push(profile);
  const args = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`, "--virtual-time-budget=20000", "--dump-dom"];
  const dom = await new Promise((done, fail) => {
    execFile("chromium", [...args, `http://127.0.0.1:${server.address().port}/`], { timeout: 120_000 }, (error, out) =>
      error ? fail(error) : done(out),
    );
  }).finally(() => server.close());
  assert.match(dom, new RegExp(`<pre id="said">${SAID.trim()}</pre>`));
});
