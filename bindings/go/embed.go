package bartizan

import _ "embed"

// The engine. It stands beside this file in the module that ships, dist/go, where `cargo xtask build` puts both.
//
//go:embed bartizan.wasm
var embedded []byte
