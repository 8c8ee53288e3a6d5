package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"example.invalid/bartizan"
)

// ordered is a value of the bundle: nil, bool, json.Number, string, bytes, []ordered, []pair, a float or integer as it
// is to be written, or invalid.
type ordered struct{ value any }

type pair struct {
	key   ordered
	value ordered
}

type raw []byte
type float string
type integer string
type invalid struct{}

func (o *ordered) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var err error
	o.value, err = read(decoder)
	return err
}

func read(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		items := []ordered{}
		for decoder.More() {
			item, err := read(decoder)
			if err != nil {
				return nil, err
			}
			items = append(items, ordered{item})
		}
		_, err = decoder.Token()
		return items, err
	case json.Delim('{'):
		pairs := []pair{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := read(decoder)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, pair{ordered{key}, ordered{value}})
		}
		if _, err := decoder.Token(); err != nil {
			return nil, err
		}
		return special(pairs)
	}
	return token, nil
}

// special is what a map with one key that begins with $ stands for.
func special(pairs []pair) (any, error) {
	if len(pairs) != 1 || !strings.HasPrefix(pairs[0].key.value.(string), "$") {
		return pairs, nil
	}
	switch value := pairs[0].value.value; pairs[0].key.value {
	case "$hex":
		b, err := hex.DecodeString(value.(string))
		return raw(b), err
	case "$float":
		return float(value.(string)), nil
	case "$integer":
		return integer(value.(string)), nil
	case "$invalid":
		return invalid{}, nil
	case "$pairs":
		list := []pair{}
		for _, item := range value.([]ordered) {
			both := item.value.([]ordered)
			list = append(list, pair{both[0], both[1]})
		}
		return list, nil
	}
	return pairs, nil
}

// bytes are those of a document, as they are.
func (o ordered) bytes() []byte {
	switch v := o.value.(type) {
	case string:
		return []byte(v)
	case raw:
		return v
	}
	panic(fmt.Sprintf("%v is no document", o.value))
}

// native is the value as a Go program would have it.
func (o ordered) native() any {
	switch v := o.value.(type) {
	case raw:
		return []byte(v)
	case float:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			panic(err)
		}
		return f
	case integer:
		if u, err := strconv.ParseUint(string(v), 10, 64); err == nil {
			return u
		}
		return json.Number(v)
	case []ordered:
		items := []any{}
		for _, item := range v {
			items = append(items, item.native())
		}
		return items
	case []pair:
		pairs := bartizan.Pairs{}
		for _, p := range v {
			pairs = append(pairs, bartizan.Pair{Key: string(p.key.bytes()), Value: p.value.native()})
		}
		return pairs
	}
	return o.value
}

// appendJSON writes the value as JSON: keys in order, and bytes as they are.
func (o ordered) appendJSON(b []byte) []byte {
	switch v := o.value.(type) {
	case string, raw:
		b = append(b, '"')
		for _, c := range o.bytes() {
			if c < 0x20 || c == '"' || c == '\\' {
				b = fmt.Appendf(b, `\u%04x`, c)
			} else {
				b = append(b, c)
			}
		}
		return append(b, '"')
	case float:
		return append(b, v...)
	case integer:
		return append(b, v...)
	case []ordered:
		b = append(b, '[')
		for at, item := range v {
			if at > 0 {
				b = append(b, ',')
			}
			b = item.appendJSON(b)
		}
		return append(b, ']')
	case []pair:
		b = append(b, '{')
		for at, p := range v {
			if at > 0 {
				b = append(b, ',')
			}
			b = p.value.appendJSON(append(p.key.appendJSON(b), ':'))
		}
		return append(b, '}')
	}
	text, err := json.Marshal(o.value)
	if err != nil {
		panic(err)
	}
	return append(b, text...)
}

// plain is what encoding/json makes of a result that says this.
func (o ordered) plain() any {
	switch v := o.value.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case raw:
		return string([]rune(string(v)))
	case float:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || f-f != 0 {
			return nil
		}
		return f
	case integer:
		f, _ := strconv.ParseFloat(string(v), 64)
		return f
	case invalid:
		return nil
	case []ordered:
		items := []any{}
		for _, item := range v {
			items = append(items, item.plain())
		}
		return items
	case []pair:
		items := map[string]any{}
		for _, p := range v {
			items[p.key.plain().(string)] = p.value.plain()
		}
		return items
	}
	return o.value
}

var idShape = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// masked replaces ids by names, and sees that each is the same all over a result.
func masked(result map[string]any) error {
	delete(result, "duration")
	var maps []any
	events, _ := result["events"].([]any)
	maps = append(maps, events...)
	actions, _ := result["actions"].(map[string]any)
	for _, action := range actions {
		maps = append(maps, action)
	}
	known := map[string]string{}
	for _, m := range maps {
		fields, _ := m.(map[string]any)
		for key, name := range map[string]string{"security_response_id": "<security response id>", "stack_id": "<stack id>"} {
			value, ok := fields[key]
			if !ok {
				continue
			}
			id, _ := value.(string)
			if !idShape.MatchString(id) {
				return fmt.Errorf("%v is no id", value)
			}
			if former, ok := known[key]; ok && former != id {
				return fmt.Errorf("two values of %s", key)
			}
			known[key] = id
			fields[key] = name
		}
	}
	return nil
}
