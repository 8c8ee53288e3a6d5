/** Has log-ins, failures of log-ins and users of sessions told. Call it before strategies are used. */
export declare function watch<Passport>(passport: Passport): Passport;
