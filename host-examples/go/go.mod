module example.invalid/bartizan/host-examples/go

go 1.25.0

require example.invalid/bartizan v0.0.0

require (
	github.com/tetratelabs/wazero v1.12.0 // indirect
	golang.org/x/sys v0.44.0 // indirect
)

replace example.invalid/bartizan => ../../dist/go
