// Browsers fetch the module first: `await init()`, or `initSync({ module })` with bytes or a module.
export { default, initSync, Builder, Instance, Context, version } from "./web/bartizan.js";
