package bartizan

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const abi = 1

// Inputs and the buffer for documents lie in one arena inside the module's memory.
const arenaSize = 64 * 1024

type function = api.Function

// Engine is one running module. Calls take turns.
type Engine struct {
	lock   sync.Mutex
	ctx    context.Context
	module api.Module
	arena  struct{ start, size uint32 }
	stack  [16]uint64

	alloc, free                                            function
	builderNew, builderUpdate, builderRemove, builderBuild function
	instanceAddresses, instanceActions                     function
	contextNew, subcontextNew, contextEval                 function
}

// NewEngine starts a module instance.
func (m *Module) NewEngine(ctx context.Context) (*Engine, error) {
	module, err := m.runtime.InstantiateModule(ctx, m.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, err
	}
	e := &Engine{ctx: ctx, module: module}
	for name, f := range map[string]*function{
		"bartizan_alloc": &e.alloc, "bartizan_free": &e.free,
		"bartizan_builder_new": &e.builderNew, "bartizan_builder_update": &e.builderUpdate,
		"bartizan_builder_remove": &e.builderRemove, "bartizan_builder_build": &e.builderBuild,
		"bartizan_instance_addresses": &e.instanceAddresses, "bartizan_instance_actions": &e.instanceActions,
		"bartizan_context_new": &e.contextNew, "bartizan_subcontext_new": &e.subcontextNew,
		"bartizan_context_eval": &e.contextEval,
	} {
		if *f = module.ExportedFunction(name); *f == nil {
			return nil, errors.Join(fmt.Errorf("bartizan: the module has no %s", name), module.Close(ctx))
		}
	}
	if version, err := e.invoke(module.ExportedFunction("bartizan_abi")); err != nil || version != abi {
		return nil, errors.Join(errors.New("bartizan: the module speaks another version of the interface"), err, module.Close(ctx))
	}
	return e, nil
}

// Version is the version of the engine.
func (e *Engine) Version() (string, error) {
	e.lock.Lock()
	defer e.lock.Unlock()
	start, err := e.invoke(e.module.ExportedFunction("bartizan_version"))
	if err != nil {
		return "", err
	}
	var text []byte
	for at := uint32(start); ; at++ {
		b, ok := e.module.Memory().ReadByte(at)
		if !ok || b == 0 {
			return string(text), nil
		}
		text = append(text, b)
	}
}

// Close ends the engine and everything made from it.
func (e *Engine) Close() error { return e.module.Close(e.ctx) }

// invoke calls a function with numbers only. The caller holds the lock, or is alone.
func (e *Engine) invoke(f function, arguments ...uint64) (uint64, error) {
	if e.module.IsClosed() {
		return 0, ErrClosed
	}
	n := copy(e.stack[:], arguments)
	if err := f.CallWithStack(e.ctx, e.stack[:max(n, 1)]); err != nil {
		// After a trap nothing inside can be relied on: the engine is over, the module can start another.
		return 0, errors.Join(err, e.module.Close(e.ctx))
	}
	return e.stack[0], nil
}

// put copies the byte arguments into the arena, behind 8 bytes for a document's place.
func (e *Engine) put(arguments []any, out bool) (buffer uint32, numbers []uint64, err error) {
	size := 8
	for _, a := range arguments {
		if b, ok := a.([]byte); ok {
			size += len(b)
		}
	}
	if size > math.MaxInt32 {
		return 0, nil, ErrArgument
	}
	if err := e.reserve(uint32(size)); err != nil {
		return 0, nil, err
	}
	memory := e.module.Memory()
	buffer = e.arena.start
	memory.WriteUint64Le(buffer, 0)
	at := buffer + 8
	for _, a := range arguments {
		switch a := a.(type) {
		case []byte:
			memory.Write(at, a)
			numbers = append(numbers, uint64(at), uint64(len(a)))
			at += uint32(len(a))
		case uint64:
			numbers = append(numbers, a)
		}
	}
	if out {
		numbers = append(numbers, uint64(buffer))
	}
	return buffer, numbers, nil
}

func (e *Engine) reserve(size uint32) error {
	if size <= e.arena.size {
		return nil
	}
	if _, err := e.invoke(e.free, uint64(e.arena.start), uint64(e.arena.size)); err != nil {
		return err
	}
	e.arena.start, e.arena.size = 0, 0
	size = max(size, arenaSize)
	start, err := e.invoke(e.alloc, uint64(size))
	if err != nil {
		return err
	}
	if start == 0 {
		return errors.New("bartizan: the module has no memory left")
	}
	e.arena.start, e.arena.size = uint32(start), size
	return nil
}

// document copies what the buffer points at.
func (e *Engine) document(buffer uint32) []byte {
	place, _ := e.module.Memory().Read(buffer, 8)
	data, ok := e.module.Memory().Read(binary.LittleEndian.Uint32(place), binary.LittleEndian.Uint32(place[4:]))
	if !ok {
		return nil
	}
	return append([]byte(nil), data...)
}

func (e *Engine) create(f function, free string) (handle, error) {
	e.lock.Lock()
	defer e.lock.Unlock()
	pointer, err := e.invoke(f)
	if err == nil && pointer == 0 {
		err = ErrInternal
	}
	return handle{engine: e, pointer: pointer, free: free}, err
}

// handle is something of the engine that must be given back.
type handle struct {
	engine  *Engine
	pointer uint64
	free    string
}

// Close gives the memory back. Closing again does nothing.
func (h *handle) Close() error {
	h.engine.lock.Lock()
	defer h.engine.lock.Unlock()
	if h.pointer == 0 || h.engine.module.IsClosed() {
		return nil
	}
	_, err := h.engine.invoke(h.engine.module.ExportedFunction(h.free), h.pointer)
	h.pointer = 0
	return err
}

// make calls a function that gives another handle, which may be none.
func (h handle) make(f function, free string) (handle, error) {
	if h.pointer == 0 {
		return handle{}, ErrClosed
	}
	h.engine.lock.Lock()
	defer h.engine.lock.Unlock()
	pointer, err := h.engine.invoke(f, h.pointer)
	return handle{engine: h.engine, pointer: pointer, free: free}, err
}

// call calls a function that gives a code and, when out, a document.
func (h handle) call(f function, out bool, arguments ...any) (int32, []byte, error) {
	if h.pointer == 0 {
		return 0, nil, ErrClosed
	}
	h.engine.lock.Lock()
	defer h.engine.lock.Unlock()
	buffer, numbers, err := h.engine.put(arguments, out)
	if err != nil {
		return 0, nil, err
	}
	result, err := h.engine.invoke(f, append([]uint64{h.pointer}, numbers...)...)
	if err != nil {
		return 0, nil, err
	}
	code := int32(uint32(result))
	if code < 0 {
		return code, nil, Error(code)
	}
	if !out {
		return code, nil, nil
	}
	return code, h.engine.document(buffer), nil
}
