export { default } from "./web/bartizan.js";
export * from "./web/bartizan.js";
