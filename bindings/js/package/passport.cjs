// Log-ins that passport sees: nothing has to be called for them.
"use strict";

require("./node.cjs");
const { current, seen } = require("./lib/users.cjs");

/** Has log-ins, failures of log-ins and users of sessions told. Call it before strategies are used. */
function watch(passport) {
  const { use, deserializeUser } = passport;
  passport.use = function (name, strategy) {
    observe(strategy ?? name);
    return use.apply(this, arguments);
  };
  for (const strategy of Object.values(passport._strategies ?? {})) observe(strategy);
  passport.deserializeUser = function (serialized, request, done) {
    if (typeof serialized === "function" || typeof done !== "function") return deserializeUser.apply(this, arguments);
    return deserializeUser.call(this, serialized, request, (error, user) => {
      if (!error && user) return told(done, { event: "set_user", user: plain(user) }, [error, user]);
      return done(error, user);
    });
  };
  return passport;
}

/** Whether a strategy is one of a name and a password, whose check can be listened to. */
function checks(strategy) {
  return typeof strategy?._verify === "function" && (strategy._usernameField !== undefined || strategy.name === "basic");
}

const observed = new WeakSet();

function observe(strategy) {
  if (!checks(strategy) || observed.has(strategy)) return;
  observed.add(strategy);
  const verify = strategy._verify;
  strategy._verify = function (...args) {
    const done = args.at(-1);
    const login = args[strategy._passReqToCallback ? 1 : 0];
    if (typeof done !== "function") return verify.apply(this, args);
    const listening = (error, user, info) => {
      if (error) return done(error, user, info);
      const success = { event: "login_success", login, user: user && plain(user) };
      const failure = { event: "login_failure", login, exists: user === false && info?.exists === true };
      return told(done, user ? success : failure, [error, user, info]);
    };
    return verify.apply(this, [...args.slice(0, -1), listening]);
  };
}

/** Goes on as passport would, unless the request is blocked now. */
function told(done, document, outcome) {
  if (current() !== undefined) {
    try {
      seen(document);
    } catch (error) {
      return done(error);
    }
  }
  return done(...outcome);
}

/** The fields of a user that say something by themselves. */
function plain(user) {
  if (typeof user !== "object") return { id: user };
  const fields = typeof user.toJSON === "function" ? user.toJSON() : user;
  const says = ([name, value]) => ["string", "number", "bigint"].includes(typeof value) && !/pass|secret|token|hash|salt/i.test(name);
  return Object.fromEntries(Object.entries(fields).filter(says));
}

exports.watch = watch;
