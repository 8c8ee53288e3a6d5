// Plays requests on the wasm module in wazero: one pass for each line that is read, answered with a line of nanoseconds by
// request. `wazero-host MODULE RULES DOCUMENTS`; a line of DOCUMENTS is a request, a JSON array of the documents of its
// evaluations.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

type host struct {
	ctx    context.Context
	module api.Module
	// Room for a document, behind 8 bytes for the place of what is answered.
	room, handle                         uint64
	contextNew, contextEval, contextFree api.Function
	stack                                [8]uint64
}

func (h *host) call(f api.Function, arguments ...uint64) uint64 {
	copy(h.stack[:], arguments)
	if err := f.CallWithStack(h.ctx, h.stack[:]); err != nil {
		log.Fatal(err)
	}
	return h.stack[0]
}

func (h *host) put(at uint64, data []byte) {
	if !h.module.Memory().Write(uint32(at), data) {
		log.Fatal("a document is longer than its room")
	}
}

func newHost(module, rules []byte) *host {
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	instance, err := runtime.Instantiate(ctx, module)
	if err != nil {
		log.Fatal(err)
	}
	function := func(name string) api.Function { return instance.ExportedFunction("bartizan_" + name) }
	h := &host{ctx: ctx, module: instance}
	h.contextNew, h.contextEval, h.contextFree = function("context_new"), function("context_eval"), function("context_free")
	h.room = h.call(function("alloc"), 4<<20)
	builder := h.call(function("builder_new"))
	h.put(h.room+8, []byte("rules"))
	h.put(h.room+16, rules)
	taken := h.call(function("builder_update"), builder, h.room+8, 5, h.room+16, uint64(len(rules)), 0, h.room)
	if uint32(taken) != 1 {
		log.Fatal("the rules are refused")
	}
	h.handle = h.call(function("builder_build"), builder)
	return h
}

func (h *host) play(calls [][]byte) {
	request := h.call(h.contextNew, h.handle)
	for _, document := range calls {
		h.put(h.room+8, document)
		code := h.call(h.contextEval, request, h.room+8, uint64(len(document)), 1800000000, 1, math.MaxUint64, 0, h.room)
		if int32(code) < 0 {
			log.Fatalf("an evaluation failed with %d", int32(code))
		}
	}
	h.call(h.contextFree, request)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return data
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: wazero-host MODULE RULES DOCUMENTS")
	}
	var requests [][][]byte
	for line := range bytes.Lines(read(os.Args[3])) {
		var calls []json.RawMessage
		if err := json.Unmarshal(line, &calls); err != nil {
			log.Fatal(err)
		}
		var documents [][]byte
		for _, call := range calls {
			documents = append(documents, call)
		}
		requests = append(requests, documents)
	}
	h := newHost(read(os.Args[1]), read(os.Args[2]))
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		times := make([]int64, len(requests))
		for at, calls := range requests {
			began := time.Now()
			h.play(calls)
			times[at] = time.Since(began).Nanoseconds()
		}
		answer, err := json.Marshal(times)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(answer))
	}
}
