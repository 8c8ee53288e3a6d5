//! Tokenizers: SQL dialects and the shell.
//!
//! Both yield tokens as ranges of the text, one at a time, in linear time and
//! without recursion. They follow what libddwaf's tokenizers make of a text, also where a real
//! database or shell would read it otherwise.

pub mod shell;
pub mod sql;
