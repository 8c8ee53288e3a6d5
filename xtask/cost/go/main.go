// What a request costs in Go, beside Datadog's binding: `go run . RULES`.
//
// Both take turns on the same requests. Around the engine is what a request costs with rules that want all its
// addresses and find nothing to do: making a context, writing and passing the addresses, and closing. Medians.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"example.invalid/bartizan"
	libddwaf "github.com/DataDog/go-libddwaf/v5"
	"github.com/DataDog/go-libddwaf/v5/timer"
)

const (
	requests = 256
	rounds   = 40
)

// idle wants each address, and looks for a key that none has.
const idle = `{"version":"2.2","rules":[{"id":"idle","name":"idle","tags":{"type":"idle"},"conditions":[{"operator":"exists","parameters":{"inputs":[
{"address":"server.request.method","key_path":["-"]},{"address":"server.request.uri.raw","key_path":["-"]},
{"address":"server.request.query","key_path":["-"]},{"address":"server.request.path_params","key_path":["-"]},
{"address":"server.request.cookies","key_path":["-"]},{"address":"server.request.headers.no_cookies","key_path":["-"]},
{"address":"http.client_ip","key_path":["-"]},{"address":"server.request.body","key_path":["-"]}]}}]}]}`

func main() {
	log.SetFlags(0)
	rules, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var data []map[string]any
	size := 0
	for at := range requests {
		data = append(data, request(at))
		text, _ := json.Marshal(data[at])
		size += len(text)
	}
	sides := []struct {
		name string
		run  func(map[string]any) error
		took []float64
	}{
		{"bartizan, recommended rules", ours(rules), nil}, {"go-libddwaf, recommended rules", theirs(rules), nil},
		{"bartizan, around the engine", ours([]byte(idle)), nil}, {"go-libddwaf, around the engine", theirs([]byte(idle)), nil},
	}
	for round := range rounds {
		for at := range sides {
			side := &sides[at]
			for _, one := range data {
				began := time.Now()
				if err := side.run(one); err != nil {
					log.Fatal(side.name, ": ", err)
				}
				if round >= rounds/4 {
					side.took = append(side.took, float64(time.Since(began).Nanoseconds())/1000)
				}
			}
		}
	}
	fmt.Printf("%d requests of %d bytes as JSON, microseconds, medians of %d\n", requests, size/requests, len(sides[0].took))
	for _, side := range sides {
		slices.Sort(side.took)
		fmt.Printf("%-32s %8.1f\n", side.name, side.took[len(side.took)/2])
	}
}

func ours(rules []byte) func(map[string]any) error {
	builder, err := bartizan.NewBuilder()
	if err != nil {
		log.Fatal(err)
	}
	builder.Machines = 1
	if update, err := builder.Update("rules", rules); err != nil || !update.Accepted {
		log.Fatal(err, string(update.Diagnostics))
	}
	instance, err := builder.Build()
	if err != nil {
		log.Fatal(err)
	}
	return func(data map[string]any) error {
		c, err := instance.NewContext()
		if err != nil {
			return err
		}
		_, err = c.Eval(context.Background(), data)
		_ = c.Close()
		return err
	}
}

func theirs(rules []byte) func(map[string]any) error {
	builder, err := libddwaf.NewBuilder()
	if err != nil {
		log.Fatal(err)
	}
	var config any
	if err := json.Unmarshal(rules, &config); err != nil {
		log.Fatal(err)
	}
	if _, err := builder.AddOrUpdateConfig("rules", config); err != nil {
		log.Fatal(err)
	}
	handle, err := builder.Build()
	if err != nil {
		log.Fatal(err)
	}
	return func(data map[string]any) error {
		c, err := handle.NewContext(context.Background(), timer.WithUnlimitedBudget())
		if err != nil {
			return err
		}
		_, err = c.Run(context.Background(), libddwaf.RunAddressData{Data: data})
		c.Close()
		return err
	}
}

// request is one as a tracer sends it, each a little different.
func request(at int) map[string]any {
	id := fmt.Sprintf("%x", at*7919+104_729)
	return map[string]any{
		"server.request.method":  "POST",
		"server.request.uri.raw": fmt.Sprintf("/api/v2/orders/%d/items?sort=price&dir=asc&page=%d&filter=in-stock&q=winter+jackets", at, at%9),
		"server.request.query": map[string][]string{
			"sort": {"price"}, "dir": {"asc"}, "page": {fmt.Sprint(at % 9)}, "filter": {"in-stock"}, "q": {"winter jackets"},
		},
		"server.request.path_params": map[string]string{"order": fmt.Sprint(at)},
		"server.request.cookies": map[string][]string{
			"session": {"b6d1f5c0a7e94c2d8f0e1a2b" + id}, "theme": {"dark"}, "_ga": {fmt.Sprintf("GA1.2.%d.1690000000", at)},
		},
		"server.request.headers.no_cookies": map[string][]string{
			"host":            {"shop.example.com"},
			"user-agent":      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"},
			"accept":          {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
			"accept-language": {"en-US,en;q=0.9,de;q=0.8"},
			"accept-encoding": {"gzip, deflate, br, zstd"},
			"referer":         {"https://shop.example.com/catalog/winter?ref=home"},
			"content-type":    {"application/json"},
			"content-length":  {"312"},
			"x-forwarded-for": {fmt.Sprintf("203.0.113.%d, 10.0.0.3", at%250)},
			"sec-fetch-mode":  {"cors"},
			"sec-fetch-site":  {"same-origin"},
			"x-request-id":    {"1b4e28ba-2fa1-11d2-883f-" + id},
		},
		"http.client_ip": fmt.Sprintf("203.0.113.%d", at%250),
		"server.request.body": map[string]any{
			"name": "Jane Doe", "email": "jane." + id + "@example.com", "quantity": at % 5,
			"address": map[string]any{"street": "221B Baker Street", "city": "London", "zip": "NW1 6XE"},
			"notes":   "Please leave the parcel with the neighbour if nobody opens the door. Thank you very much!",
			"gift":    true, "tags": []any{"winter", "sale", "größer"},
		},
	}
}
