package bartizan

import (
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"sync"
)

// ErrEmpty says that nothing in a builder's configuration would ever run.
var ErrEmpty = errors.New("bartizan: nothing in the configuration would ever run")

// Builder collects configuration documents under paths. Any number of goroutines may use it; they take turns.
type Builder struct {
	// Machines is how many module instances an Instance may use, and so how many evaluations run at a time.
	// 0 means GOMAXPROCS.
	Machines int

	forge   *forge
	cleanup runtime.Cleanup
}

// forge is the module instance of a builder. A trap in it costs the call; the configurations are kept here.
type forge struct {
	lock    sync.Mutex
	engine  *Engine
	module  *module
	builder uint64
	configs []config
	traps   uint64
	closed  bool
}

type config struct {
	path     string
	document []byte
}

// Update is what became of a configuration. When it is not accepted, the former one stays in force.
type Update struct {
	Accepted    bool
	Diagnostics json.RawMessage
}

// NewBuilder gives a builder without configuration, of the Default engine.
func NewBuilder() (*Builder, error) {
	engine, err := Default()
	if err != nil {
		return nil, err
	}
	return engine.NewBuilder()
}

// NewBuilder gives a builder without configuration.
func (e *Engine) NewBuilder() (*Builder, error) {
	f := &forge{engine: e}
	f.lock.Lock()
	defer f.lock.Unlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	b := &Builder{forge: f}
	b.cleanup = runtime.AddCleanup(b, (*forge).close, f)
	return b, nil
}

// Update adds or replaces the configuration of a path: JSON, MessagePack or a compiled bundle as []byte, or any value.
func (b *Builder) Update(path string, document any) (Update, error) {
	bytes, err := appendDocument(nil, document)
	if err != nil {
		return Update{}, err
	}
	f := b.forge
	f.lock.Lock()
	defer f.lock.Unlock()
	code, diagnostics, err := f.update(path, bytes)
	if err != nil {
		return Update{}, err
	}
	if code == 1 {
		at := slices.IndexFunc(f.configs, func(c config) bool { return c.path == path })
		if at < 0 {
			at = len(f.configs)
			f.configs = append(f.configs, config{path: path})
		}
		f.configs[at].document = bytes
	}
	return Update{Accepted: code == 1, Diagnostics: diagnostics}, nil
}

// Remove removes a path; false when it is not known.
func (b *Builder) Remove(path string) (bool, error) {
	f := b.forge
	f.lock.Lock()
	defer f.lock.Unlock()
	if err := f.ready(); err != nil {
		return false, err
	}
	at, sizes, err := f.put([]byte(path))
	if err != nil {
		return false, err
	}
	code, err := f.code(builderRemove, f.builder, at, sizes[0])
	if err != nil {
		return false, err
	}
	f.configs = slices.DeleteFunc(f.configs, func(c config) bool { return c.path == path })
	return code == 1, nil
}

// Paths are those that have a configuration, in the order in which they were added.
func (b *Builder) Paths() ([]string, error) {
	f := b.forge
	f.lock.Lock()
	defer f.lock.Unlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	return f.names(builderPaths, f.builder)
}

// Build gives an instance of the configuration as it stands, or ErrEmpty.
func (b *Builder) Build() (*Instance, error) {
	f := b.forge
	f.lock.Lock()
	defer f.lock.Unlock()
	if err := f.ready(); err != nil {
		return nil, err
	}
	pointer, err := f.call(builderBuild, f.builder)
	if err != nil {
		return nil, err
	}
	if pointer == 0 {
		return nil, ErrEmpty
	}
	addresses, err := f.names(instanceAddresses, pointer)
	if err != nil {
		return nil, err
	}
	actions, err := f.names(instanceActions, pointer)
	if err != nil {
		return nil, err
	}
	machines := b.Machines
	if machines <= 0 {
		machines = runtime.GOMAXPROCS(0)
	}
	i := &Instance{addresses: addresses, actions: actions, pointer: pointer}
	i.pool = newPool(f.engine, f.module.image(), machines)
	i.cleanup = runtime.AddCleanup(i, (*pool).close, i.pool)
	// The instance lives on in the image.
	_, err = f.call(instanceFree, pointer)
	return i, err
}

// Traps counts the calls of this builder that were lost through a defect.
func (b *Builder) Traps() uint64 {
	b.forge.lock.Lock()
	defer b.forge.lock.Unlock()
	return b.forge.traps
}

// Close gives the builder's memory back; instances live on. Closing again does nothing.
func (b *Builder) Close() error {
	b.cleanup.Stop()
	b.forge.close()
	return nil
}

func (f *forge) close() {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.closed = true
	f.drop()
}

func (f *forge) drop() {
	if f.module != nil {
		// What cannot be closed is garbage all the same.
		_ = f.module.close()
		f.module = nil
	}
}

// ready starts the module instance if there is none, with the configurations that were accepted.
func (f *forge) ready() error {
	if f.closed {
		return ErrClosed
	}
	if f.module != nil {
		return nil
	}
	m, err := f.engine.start(nil)
	if err != nil {
		return err
	}
	f.module = m
	if f.builder, err = f.call(builderNew); err != nil {
		return err
	}
	for _, c := range f.configs {
		if _, _, err := f.update(c.path, c.document); err != nil {
			return err
		}
	}
	return nil
}

func (f *forge) update(path string, document []byte) (int32, []byte, error) {
	if err := f.ready(); err != nil {
		return 0, nil, err
	}
	at, sizes, err := f.put([]byte(path), document)
	if err != nil {
		return 0, nil, err
	}
	code, err := f.code(builderUpdate, f.builder, at, sizes[0], at+sizes[0], sizes[1], 0, uint64(f.module.arena.start))
	if err != nil {
		return 0, nil, err
	}
	return code, f.module.document(), nil
}

func (f *forge) names(function function, of uint64) ([]string, error) {
	if err := f.module.room(0); err != nil {
		return nil, f.lost(err)
	}
	if _, err := f.code(function, of, uint64(f.module.arena.start)); err != nil {
		return nil, err
	}
	var names []string
	return names, json.Unmarshal(f.module.document(), &names)
}

// put copies bytes into the arena, one after the other.
func (f *forge) put(parts ...[]byte) (at uint64, sizes []uint64, err error) {
	total := 0
	for _, part := range parts {
		total += len(part)
		sizes = append(sizes, uint64(len(part)))
	}
	if err := f.module.room(total); err != nil {
		return 0, nil, f.lost(err)
	}
	at = uint64(f.module.arena.start) + 8
	next := uint32(at)
	for _, part := range parts {
		f.module.memory.Write(next, part)
		next += uint32(len(part))
	}
	return at, sizes, nil
}

func (f *forge) code(function function, arguments ...uint64) (int32, error) {
	result, err := f.call(function, arguments...)
	if code := int32(uint32(result)); err == nil && code < 0 {
		return 0, Error(code)
	}
	return int32(uint32(result)), err
}

func (f *forge) call(function function, arguments ...uint64) (uint64, error) {
	result, err := f.module.call(function, arguments...)
	if err != nil {
		return 0, f.lost(err)
	}
	return result, nil
}

// lost gives the module instance up after a trap.
func (f *forge) lost(err error) error {
	if err == ErrArgument {
		return err
	}
	f.traps++
	f.drop()
	return trap(err)
}
