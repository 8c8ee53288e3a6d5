//! Tokenizers: SQL dialects and the shell.
