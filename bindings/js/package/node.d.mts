export * from "./index.mjs";
export { LiveProtection, type LiveOptions } from "./express.mjs";
