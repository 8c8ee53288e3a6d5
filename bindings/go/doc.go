// Package bartizan is a web application firewall and business-logic rule engine.
//
// The engine is a WebAssembly module that this package brings along and wazero runs: no cgo, no files, nothing to
// install. It is compiled once for each process, when it is first needed.
//
//	builder, err := bartizan.NewBuilder()
//	update, err := builder.Update("rules", rules)        // JSON as []byte, or any value
//	instance, err := builder.Build()
//
//	c, err := instance.NewContext()                      // one for each request
//	defer c.Close()
//	result, err := c.Eval(ctx, map[string]any{"server.request.query": query})
//	// result is nil when nothing matched
//
// An Instance runs a fixed number of module instances, each with a copy of the rules and at most MemoryLimit bytes.
// After a trap, which a defect in the engine would be, the request that it happened in gets ErrInternal; its module
// instance is replaced, and the other requests in it go on in the new one.
package bartizan
