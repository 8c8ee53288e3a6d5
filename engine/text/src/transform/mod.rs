//! Transformers: one value in, the decoded or normalised value out.
