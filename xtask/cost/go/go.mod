module example.invalid/bartizan/xtask/cost/go

go 1.25.0

require (
	example.invalid/bartizan v0.0.0
	github.com/DataDog/go-libddwaf/v5 v5.0.1
)

require (
	github.com/ebitengine/purego v0.10.0 // indirect
	github.com/tetratelabs/wazero v1.12.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace example.invalid/bartizan => ../../../dist/go
