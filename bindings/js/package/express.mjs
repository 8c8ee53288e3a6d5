import express from "./express.cjs";

export const { LiveProtection, blocked, protect } = express;
