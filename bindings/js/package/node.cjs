// Node: the module is compiled when this file is loaded; nothing to wait for.
"use strict";

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { load } = require("./lib/engine.cjs");

/** The module beside this file; or, when a bundler moved this file, where the package is installed. */
function wasm() {
  try {
    return readFileSync(join(__dirname, "bartizan.wasm"));
  } catch (cause) {
    try {
      return readFileSync(require.resolve("bartizan/bartizan.wasm"));
    } catch {
      const remedy = "copy it from the package `bartizan` to there, or tell the bundler that the package is external";
      throw new Error(`bartizan.wasm is not in ${__dirname}: ${remedy}`, { cause });
    }
  }
}

load(new WebAssembly.Module(wasm()));

Object.assign(exports, require("./lib/index.cjs"));
const { LiveProtection } = require("./lib/node/start.cjs");
const { AsyncLocalStorage } = require("node:async_hooks");

require("./lib/users.cjs").keepIn(new AsyncLocalStorage());
exports.LiveProtection = LiveProtection;
