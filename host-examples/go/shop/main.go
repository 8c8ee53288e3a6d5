// A small shop under protection; see ../../README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"

	"example.invalid/bartizan"
)

type files []string

func (f *files) String() string         { return strings.Join(*f, " ") }
func (f *files) Set(value string) error { *f = append(*f, value); return nil }

type product struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Price int    `json:"price"`
}

type user struct{ id, password string }

type fields map[string]any

var products = []product{{1, "lamp", 30}, {2, "chair", 80}, {3, "table", 200}}

var users = map[string]user{"alice": {"u1", "wonder"}, "mallory": {"u2", "secret"}}

func main() {
	log.SetFlags(0)
	var rules files
	port := flag.Int("port", 8080, "0: any that is free")
	events := flag.String("events", "", "a file for what requests came to")
	state := flag.String("state", "", "a folder for the last good rules")
	flag.Var(&rules, "rules", "a file, a folder or a URL; may be given several times")
	flag.Parse()
	protection, err := bartizan.NewProtection(bartizan.Settings{Rules: rules, Events: *events, StateDir: *state})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, protection.Handler(routes())))
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, fields{"shop": "bartizan"}) })
	mux.HandleFunc("GET /products", search)
	mux.HandleFunc("GET /products/{id}", show)
	mux.HandleFunc("POST /login", login)
	mux.HandleFunc("POST /password-reset", reset)
	mux.HandleFunc("POST /payment", pay)
	mux.HandleFunc("/", missing)
	return mux
}

// answer writes JSON. When the request is blocked, its response takes the place of this one.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func missing(w http.ResponseWriter, _ *http.Request) { answer(w, 404, fields{"error": "not found"}) }

func body(r *http.Request) fields {
	var given fields
	_ = json.NewDecoder(r.Body).Decode(&given)
	return given
}

func search(w http.ResponseWriter, r *http.Request) {
	found := []product{}
	for _, p := range products {
		if strings.Contains(p.Name, r.URL.Query().Get("q")) {
			found = append(found, p)
		}
	}
	answer(w, 200, fields{"products": found})
}

func show(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	for _, p := range products {
		if p.ID == id {
			answer(w, 200, p)
			return
		}
	}
	missing(w, r)
}

func login(w http.ResponseWriter, r *http.Request) {
	given := body(r)
	name, _ := given["login"].(string)
	who, exists := users[name]
	if !exists || who.password != given["password"] {
		bartizan.TrackUserLoginFailure(r.Context(), name, exists, nil, nil)
		answer(w, 401, fields{"error": "wrong login or password"})
		return
	}
	if bartizan.TrackUserLoginSuccess(r.Context(), name, &bartizan.User{ID: who.id}, nil) ||
		bartizan.SetUser(r.Context(), bartizan.User{ID: who.id, Name: name}) {
		return
	}
	answer(w, 200, fields{"user": who.id})
}

func reset(w http.ResponseWriter, r *http.Request) {
	if !bartizan.TrackCustomEvent(r.Context(), "password.reset", map[string]any{"login": body(r)["login"]}, nil) {
		answer(w, 200, fields{"sent": true})
	}
}

func pay(w http.ResponseWriter, r *http.Request) {
	given := body(r)
	amount := map[string]any{"amount": given["amount"]}
	if bartizan.TrackCustomEvent(r.Context(), "payment.creation", amount, nil) {
		return
	}
	if given["card"] == "declined" {
		bartizan.TrackCustomEvent(r.Context(), "payment.failure", map[string]any{"reason": "declined"}, nil)
		answer(w, 402, fields{"error": "declined"})
		return
	}
	bartizan.TrackCustomEvent(r.Context(), "payment.success", amount, nil)
	answer(w, 200, fields{"paid": given["amount"]})
}
