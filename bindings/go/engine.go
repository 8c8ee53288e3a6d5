package bartizan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The version of the functions' meaning that this package was made for.
const abi = 1

const (
	pageSize = 64 * 1024
	// MemoryLimit is what one module instance may take, in bytes. One that would take more is replaced.
	MemoryLimit = 256 << 20
)

// Engine is the compiled module. Any number of goroutines may use it.
type Engine struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	version  string
}

// Default is the engine that this package brings along, compiled when it is first asked for (about half a second).
var Default = sync.OnceValues(func() (*Engine, error) { return Compile(context.Background(), embedded, "") })

// Compile makes an engine of a module's bytes; cacheDir keeps machine code between processes, where it is not "".
// Programs that are content with the module and no cache take Default.
func Compile(ctx context.Context, wasm []byte, cacheDir string) (*Engine, error) {
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(MemoryLimit / pageSize)
	if cacheDir != "" {
		cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
		if err != nil {
			return nil, fmt.Errorf("bartizan: the compilation cache cannot be used: %w", err)
		}
		config = config.WithCompilationCache(cache)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, wasm)
	if err != nil {
		return nil, errors.Join(err, runtime.Close(ctx))
	}
	e := &Engine{runtime: runtime, compiled: compiled}
	first, err := e.start(nil)
	if err == nil {
		e.version, err = first.version()
		err = errors.Join(err, first.close())
	}
	if err != nil {
		return nil, errors.Join(err, runtime.Close(ctx))
	}
	return e, nil
}

// CompileEmbedded is Compile of the module that this package brings along.
func CompileEmbedded(ctx context.Context, cacheDir string) (*Engine, error) {
	return Compile(ctx, embedded, cacheDir)
}

// Version is the version of the engine.
func (e *Engine) Version() string { return e.version }

// Close ends everything made from the engine.
func (e *Engine) Close(ctx context.Context) error { return e.runtime.Close(ctx) }

// Version is the version of the engine that this package brings along.
func Version() (string, error) {
	e, err := Default()
	if err != nil {
		return "", err
	}
	return e.Version(), nil
}

// module is one module instance. Whoever uses it is alone.
type module struct {
	module    api.Module
	memory    api.Memory
	functions [functionCount]api.Function
	stack     [10]uint64
	arena     struct{ start, size uint32 }
}

// start makes a module instance; with an image it goes on where the image was taken.
func (e *Engine) start(image *image) (*module, error) {
	ctx := context.Background()
	instance, err := e.runtime.InstantiateModule(ctx, e.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, err
	}
	m := &module{module: instance, memory: instance.Memory()}
	fail := func(err error) (*module, error) { return nil, errors.Join(err, instance.Close(ctx)) }
	if m.memory == nil {
		return fail(errors.New("bartizan: the module has no memory"))
	}
	for f, name := range names {
		if m.functions[f] = instance.ExportedFunction(name); m.functions[f] == nil {
			return fail(fmt.Errorf("bartizan: the module has no %s", name))
		}
	}
	if version, err := m.call(abiVersion); err != nil || version != abi {
		return fail(errors.Join(errors.New("bartizan: the module speaks another version of the interface"), err))
	}
	if image != nil {
		// Between calls the stack is empty, so that memory is all there is to a module instance.
		missing := (uint32(len(image.memory)) - m.memory.Size()) / pageSize
		if _, ok := m.memory.Grow(missing); !ok || !m.memory.Write(0, image.memory) {
			return fail(errors.New("bartizan: no memory for another module instance"))
		}
		m.arena = image.arena
	}
	return m, nil
}

// image is a module instance's memory, from which others start.
type image struct {
	memory []byte
	arena  struct{ start, size uint32 }
}

func (m *module) image() *image {
	view, _ := m.memory.Read(0, m.memory.Size())
	return &image{append([]byte(nil), view...), m.arena}
}

func (m *module) close() error { return m.module.Close(context.Background()) }

// call calls a function with numbers. After an error, which is a trap, the module instance is of no further use.
func (m *module) call(f function, arguments ...uint64) (uint64, error) {
	n := copy(m.stack[:], arguments)
	if err := m.functions[f].CallWithStack(context.Background(), m.stack[:max(n, 1)]); err != nil {
		return 0, err
	}
	return m.stack[0], nil
}

// errMemory is a refusal of the module's allocator.
var errMemory = errors.New("bartizan: the module instance has no memory left")

// room makes the arena, where inputs lie, at least so large. Its first 8 bytes are a document's place.
func (m *module) room(size int) error {
	if size > math.MaxInt32-8 {
		return ErrArgument
	}
	wanted := uint32(size) + 8
	if wanted <= m.arena.size {
		return nil
	}
	if _, err := m.call(free, uint64(m.arena.start), uint64(m.arena.size)); err != nil {
		return err
	}
	m.arena.start, m.arena.size = 0, 0
	wanted = max(wanted, pageSize)
	start, err := m.call(alloc, uint64(wanted))
	if err != nil {
		return err
	}
	if start == 0 {
		return errMemory
	}
	m.arena.start, m.arena.size = uint32(start), wanted
	return nil
}

// document copies what the arena's head points at.
func (m *module) document() []byte {
	data, _ := m.memory.ReadUint32Le(m.arena.start)
	size, _ := m.memory.ReadUint32Le(m.arena.start + 4)
	view, ok := m.memory.Read(data, size)
	if !ok {
		return nil
	}
	return append([]byte(nil), view...)
}

func (m *module) version() (string, error) {
	start, err := m.call(engineVersion)
	var text []byte
	for at := uint32(start); err == nil; at++ {
		b, ok := m.memory.ReadByte(at)
		if !ok || b == 0 {
			break
		}
		text = append(text, b)
	}
	return string(text), err
}
