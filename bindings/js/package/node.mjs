// The module is loaded when this file is: nothing to wait for.
import bartizan from "./node/bartizan.js";

export const { Builder, Instance, Context, version } = bartizan;
