// One engine for both kinds of module.
import bartizan from "./node.cjs";

export const { Builder, Context, EngineError, Instance, failures, onFailure, version } = bartizan;
