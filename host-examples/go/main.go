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

type result struct {
	Events  []json.RawMessage          `json:"events"`
	Actions map[string]json.RawMessage `json:"actions"`
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
		for _, document := range results {
			sum.Runs++
			if document == nil {
				out.WriteString("null\n")
				continue
			}
			out.Write(document)
			out.WriteByte('\n')
			var parsed result
			if err := json.Unmarshal(document, &parsed); err != nil {
				return err
			}
			sum.Events += len(parsed.Events)
			if _, blocked := parsed.Actions["block_request"]; blocked {
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
	ctx := context.Background()
	module, err := bartizan.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	engine, err := module.NewEngine(ctx)
	if err != nil {
		return nil, err
	}
	builder, err := engine.NewBuilder()
	if err != nil {
		return nil, err
	}
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
	instance, err := builder.Build()
	if err == nil && instance == nil {
		err = fmt.Errorf("the rules hold nothing that would ever run")
	}
	return instance, err
}

func evaluate(instance *bartizan.Instance, r request, options bartizan.Options) ([]json.RawMessage, error) {
	c, err := instance.NewContext()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var results []json.RawMessage
	for _, run := range r.Runs {
		document, err := c.Eval(run, options)
		if err != nil {
			return nil, err
		}
		results = append(results, document)
	}
	return results, nil
}
