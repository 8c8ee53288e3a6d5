// Package bartizan is a web application firewall and business-logic rule engine.
//
// The engine is a WebAssembly module that imports nothing; it runs in this process without cgo.
//
//	module, err := bartizan.Load(ctx, "bartizan.wasm")   // compiled once
//	engine, err := module.NewEngine(ctx)                 // one for each worker
//	builder, err := engine.NewBuilder()
//	update, err := builder.Update("rules", rules)
//	instance, err := builder.Build()                     // nil: nothing would ever run
//
//	c, err := instance.NewContext()                      // one for each request
//	result, err := c.Eval(map[string]any{"server.request.query": query}, bartizan.Options{})
//	c.Close()                                            // result is nil when nothing matched
//
// Everything made from one Engine takes turns; use several engines to work in parallel.
package bartizan

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
)

// Error is what the engine refused with.
type Error int32

const (
	// ErrArgument says that an argument is invalid.
	ErrArgument Error = -1
	// ErrDocument says that a document cannot be read, or is not a map.
	ErrDocument Error = -2
	// ErrInternal says that the object it happened in is of no further use.
	ErrInternal Error = -3
)

func (e Error) Error() string {
	switch e {
	case ErrArgument:
		return "bartizan: an argument is invalid"
	case ErrDocument:
		return "bartizan: the document cannot be read, or is not a map"
	case ErrInternal:
		return "bartizan: internal error"
	}
	return fmt.Sprintf("bartizan: error %d", int32(e))
}

// ErrClosed is returned by everything that has been closed, and by what belongs to a closed engine.
var ErrClosed = errors.New("bartizan: closed")

// Module is the compiled engine. It may be used by any number of goroutines.
type Module struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// Load reads and compiles the module in a file.
func Load(ctx context.Context, path string) (*Module, error) {
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return New(ctx, wasm)
}

// New compiles the module.
func New(ctx context.Context, wasm []byte) (*Module, error) {
	runtime := wazero.NewRuntime(ctx)
	compiled, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return nil, errors.Join(err, runtime.Close(ctx))
	}
	return &Module{runtime, compiled}, nil
}

// Close releases the module and all its engines.
func (m *Module) Close(ctx context.Context) error { return m.runtime.Close(ctx) }

// Options come with an evaluation. The zero value takes the clock, chance and no limit.
type Options struct {
	Now     uint64 // seconds since 1970, for data that expires; 0: the clock
	Entropy uint64 // random bits, for ids; 0: drawn
	Budget  uint64 // work units; 0: no limit
	Batches bool   // the data is a list of maps
}

func (o Options) filled() Options {
	if o.Now == 0 {
		o.Now = uint64(time.Now().Unix())
	}
	if o.Entropy == 0 {
		var b [8]byte
		rand.Read(b[:]) // never fails
		o.Entropy = binary.LittleEndian.Uint64(b[:])
	}
	if o.Budget == 0 {
		o.Budget = math.MaxUint64
	}
	return o
}

// Update is what became of a configuration. When it is not accepted, the former one stays in force.
type Update struct {
	Accepted    bool
	Diagnostics json.RawMessage
}

// Builder collects configuration documents under paths.
type Builder struct{ handle }

// NewBuilder gives a builder without configuration.
func (e *Engine) NewBuilder() (*Builder, error) {
	h, err := e.create(e.builderNew, "bartizan_builder_free")
	if err != nil {
		return nil, err
	}
	return &Builder{h}, nil
}

// Update adds or replaces the configuration of a path: JSON or MessagePack as []byte, or any value.
func (b *Builder) Update(path string, config any) (Update, error) {
	document, err := encode(config)
	if err != nil {
		return Update{}, err
	}
	code, out, err := b.call(b.engine.builderUpdate, true, []byte(path), document, uint64(0))
	if err != nil {
		return Update{}, err
	}
	return Update{Accepted: code == 1, Diagnostics: out}, nil
}

// Remove removes a path; false when it is not known.
func (b *Builder) Remove(path string) (bool, error) {
	code, _, err := b.call(b.engine.builderRemove, false, []byte(path))
	return code == 1, err
}

// Build gives an instance of the configuration as it stands; nil when nothing in it would ever run.
func (b *Builder) Build() (*Instance, error) {
	h, err := b.make(b.engine.builderBuild, "bartizan_instance_free")
	if err != nil || h.pointer == 0 {
		return nil, err
	}
	return &Instance{h}, nil
}

// Instance evaluates. It never changes.
type Instance struct{ handle }

// Addresses are those that rules look at: what is worth sending.
func (i *Instance) Addresses() ([]string, error) { return i.names(i.engine.instanceAddresses) }

// Actions are the types of actions that can be asked for.
func (i *Instance) Actions() ([]string, error) { return i.names(i.engine.instanceActions) }

func (i *Instance) names(f function) ([]string, error) {
	_, out, err := i.call(f, true)
	if err != nil {
		return nil, err
	}
	var names []string
	return names, json.Unmarshal(out, &names)
}

// NewContext gives a context for one request.
func (i *Instance) NewContext() (*Context, error) {
	return newContext(i.handle, i.engine.contextNew)
}

// Context is one request: what it has shown so far, and what has been reported of it.
type Context struct{ handle }

func newContext(parent handle, f function) (*Context, error) {
	h, err := parent.make(f, "bartizan_context_free")
	if err != nil {
		return nil, err
	}
	if h.pointer == 0 {
		return nil, ErrInternal
	}
	return &Context{h}, nil
}

// Eval evaluates addresses: a value that becomes a map in JSON, or a document as []byte. It gives the
// result document as the engine wrote it, nil when nothing matched.
func (c *Context) Eval(data any, options Options) (json.RawMessage, error) {
	document, err := encode(data)
	if err != nil {
		return nil, err
	}
	options = options.filled()
	var flags uint64
	if options.Batches {
		flags = 2
	}
	code, out, err := c.call(c.engine.contextEval, true, document, options.Now, options.Entropy, options.Budget, flags)
	if err != nil || code == 0 {
		return nil, err
	}
	return out, nil
}

// Subcontext gives a context that starts as a copy of this one; nothing flows back.
func (c *Context) Subcontext() (*Context, error) { return newContext(c.handle, c.engine.subcontextNew) }

// encode gives the bytes of a document. Bytes that are not UTF-8 become U+FFFD, as encoding/json does it.
func encode(document any) ([]byte, error) {
	switch d := document.(type) {
	case []byte:
		return d, nil
	case json.RawMessage:
		return d, nil
	case string:
		return []byte(d), nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
