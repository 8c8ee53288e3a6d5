package bartizan

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
)

// Pairs is a map whose keys keep their order, and may come again.
type Pairs []Pair

// Pair is a key and its value.
type Pair struct {
	Key   string
	Value any
}

// Deeper containers are left empty: the engine reads documents to a depth of 20.
const maxDepth = 24

// appendDocument writes a document: bytes and text as they are, values as MessagePack. Strings may be any bytes.
// Maps come in the order of their keys, so that equal values are equal documents.
func appendDocument(b []byte, document any) ([]byte, error) {
	switch d := document.(type) {
	case []byte:
		return append(b, d...), nil
	case json.RawMessage:
		return append(b, d...), nil
	case string:
		return append(b, d...), nil
	}
	return appendValue(b, document, 1)
}

func appendValue(b []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, 0xc0), nil
	case string:
		return appendString(b, v), nil
	case []byte:
		return appendString(b, v), nil
	case bool:
		if v {
			return append(b, 0xc3), nil
		}
		return append(b, 0xc2), nil
	case int:
		return appendInt(b, int64(v)), nil
	case int64:
		return appendInt(b, v), nil
	case uint64:
		return appendUint(b, v), nil
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(v)), nil
	case map[string]any:
		return appendMap(b, v, depth)
	case map[string]string:
		return appendMap(b, v, depth)
	case map[string][]string:
		return appendMap(b, v, depth)
	case http.Header:
		return appendMap(b, v, depth)
	case url.Values:
		return appendMap(b, v, depth)
	case []any:
		return appendList(b, v, depth)
	case []string:
		if depth > maxDepth {
			return append(b, 0x90), nil
		}
		b = appendHead(b, len(v), 0x90, 15, 0, 0xdc)
		for _, item := range v {
			b = appendString(b, item)
		}
		return b, nil
	case Pairs:
		if depth > maxDepth {
			return append(b, 0x80), nil
		}
		b = appendHead(b, len(v), 0x80, 15, 0, 0xde)
		for _, pair := range v {
			var err error
			if b, err = appendValue(appendString(b, pair.Key), pair.Value, depth+1); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return appendOther(b, value, depth)
}

// appendOther writes what is not met every day: other kinds by reflection, and what writes itself as JSON or text.
func appendOther(b []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return appendInt(b, i), nil
		}
		f, err := v.Float64()
		if err != nil {
			return nil, fmt.Errorf("bartizan: %q is no number", string(v))
		}
		return appendValue(b, f, depth)
	case json.Marshaler:
		return appendJSON(b, v, depth)
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return nil, err
		}
		return appendString(b, text), nil
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Bool:
		return appendValue(b, v.Bool(), depth)
	case reflect.String:
		return appendString(b, v.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInt(b, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return appendUint(b, v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return appendValue(b, v.Float(), depth)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || depth > maxDepth {
			return append(b, 0xc0), nil
		}
		return appendValue(b, v.Elem().Interface(), depth+1)
	case reflect.Slice, reflect.Array:
		items := make([]any, 0, v.Len())
		for i := range v.Len() {
			items = append(items, v.Index(i).Interface())
		}
		return appendList(b, items, depth)
	case reflect.Map:
		items := make(map[string]any, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			items[fmt.Sprint(entries.Key().Interface())] = entries.Value().Interface()
		}
		return appendMap(b, items, depth)
	case reflect.Struct:
		return appendJSON(b, value, depth)
	}
	return nil, fmt.Errorf("bartizan: a %T cannot be part of a document", value)
}

func appendJSON(b []byte, value any, depth int) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var plain any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&plain); err != nil {
		return nil, err
	}
	return appendValue(b, plain, depth)
}

func appendList(b []byte, items []any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return append(b, 0x90), nil
	}
	b = appendHead(b, len(items), 0x90, 15, 0, 0xdc)
	for _, item := range items {
		var err error
		if b, err = appendValue(b, item, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

var keyLists = sync.Pool{New: func() any { return new([]string) }}

func appendMap[V any](b []byte, items map[string]V, depth int) ([]byte, error) {
	if depth > maxDepth {
		return append(b, 0x80), nil
	}
	list := keyLists.Get().(*[]string)
	keys := (*list)[:0]
	for key := range items {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b = appendHead(b, len(items), 0x80, 15, 0, 0xde)
	var err error
	for _, key := range keys {
		b = appendString(b, key)
		switch v := any(items[key]).(type) {
		case string:
			b = appendString(b, v)
		default:
			b, err = appendValue(b, v, depth+1)
		}
		if err != nil {
			b = nil
			break
		}
	}
	clear(keys)
	*list = keys
	keyLists.Put(list)
	return b, err
}

func appendString[T string | []byte](b []byte, text T) []byte {
	return append(appendHead(b, len(text), 0xa0, 31, 0xd9, 0xda), text...)
}

// appendHead writes a type and a length: in one byte up to small, then in the bytes after byteType, where there is
// such a type, and after wideType and the one that follows it.
func appendHead(b []byte, n int, smallType byte, small int, byteType, wideType byte) []byte {
	switch {
	case n <= small:
		return append(b, smallType|byte(n))
	case n <= math.MaxUint8 && byteType != 0:
		return append(b, byteType, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, wideType), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, wideType+1), uint32(n))
}

func appendInt(b []byte, v int64) []byte {
	if v >= 0 {
		return appendUint(b, uint64(v))
	}
	if v >= -32 {
		return append(b, byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
}

func appendUint(b []byte, v uint64) []byte {
	if v < 128 {
		return append(b, byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcf), v)
}
