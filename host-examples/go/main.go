// Evaluates requests through the Go package; see ../README.md for the command line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"example.invalid/bartizan"
)

type files []string

func (f *files) String() string         { return strings.Join(*f, " ") }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

type request struct {
	Runs []json.RawMessage `json:"runs"`
}

type summary struct {
	Requests     int   `json:"requests"`
	Runs         int   `json:"runs"`
	Events       int   `json:"events"`
	Blocked      int   `json:"blocked"`
	NsPerRequest int64 `json:"ns per request"`
}

func main() {
	log.SetFlags(0)
	var rules files
	engine := flag.String("engine", "", "bartizan.wasm")
	flag.Var(&rules, "rules", "a ruleset; may be given several times")
	requests := flag.String("requests", "", "one request per line")
	now := flag.Uint64("now", 1_800_000_000, "seconds since 1970")
	entropy := flag.Uint64("entropy", 1, "64 bits for ids")
	flag.Parse()
	if err := run(*engine, rules, *requests, bartizan.Options{Now: *now, Entropy: *entropy}); err != nil {
		log.Fatal(err)
	}
}

func run(engine string, rules []string, requests string, options bartizan.Options) error {
	instance, err := load(engine, rules)
	if err != nil {
		return err
	}
	file, err := os.Open(requests)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriter(os.Stdout)
	var sum summary
	var spent time.Duration
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		began := time.Now()
		results, err := evaluate(instance, r, options)
		if err != nil {
			return err
		}
		spent += time.Since(began)
		sum.Requests++
		for _, result := range results {
			sum.Runs++
			if result == nil {
				out.WriteString("null\n")
				continue
			}
			out.Write(result.JSON())
			out.WriteByte('\n')
			sum.Events += len(result.Events)
			if _, blocked := result.Actions["block_request"]; blocked {
				sum.Blocked++
			}
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	sum.NsPerRequest = spent.Nanoseconds() / max(1, int64(sum.Requests))
	return json.NewEncoder(os.Stderr).Encode(sum)
}

func load(path string, rules []string) (*bartizan.Instance, error) {
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	engine, err := bartizan.Compile(context.Background(), wasm, "")
	if err != nil {
		return nil, err
	}
	builder, err := engine.NewBuilder()
	if err != nil {
		return nil, err
	}
	defer builder.Close()
	for _, file := range rules {
		config, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		update, err := builder.Update(file, config)
		if err != nil {
			return nil, err
		}
		if !update.Accepted {
			return nil, fmt.Errorf("%s: %s", file, update.Diagnostics)
		}
	}
	return builder.Build()
}

func evaluate(instance *bartizan.Instance, r request, options bartizan.Options) ([]*bartizan.Result, error) {
	c, err := instance.NewContext()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var results []*bartizan.Result
	for _, run := range r.Runs {
		result, err := c.EvalWith(context.Background(), run, options)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return results, nil
}
