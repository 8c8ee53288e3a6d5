import passport from "./passport.cjs";

export const { watch } = passport;
