//! The regex dialect: RE2 syntax to HIR.
