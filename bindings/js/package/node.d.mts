export * from "./node/bartizan.js";
