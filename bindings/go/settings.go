package bartizan

import (
	"encoding/json"
	"log/slog"
	"os"
	"strings"
)

// Settings of a Protection. What is not said here is taken from environment variables (BARTIZAN_RULES for Rules, and
// so on), and then the default, which stands behind each.
type Settings struct {
	Enabled         *bool                 `json:"enabled,omitempty"`           // true
	Mode            string                `json:"mode,omitempty"`              // "block", or "monitor"
	Rules           []string              `json:"rules,omitempty"`             // files, folders and URLs
	PollSeconds     int                   `json:"poll_s,omitempty"`            // 10: how often Rules are looked at again
	StateDir        string                `json:"state_dir,omitempty"`         // "": where the last good rules are kept
	Events          string                `json:"events,omitempty"`            // "": where JSON lines go: stdout, stderr or a file
	OnFailure       string                `json:"on_failure,omitempty"`        // "open": what cannot be checked passes; or "closed"
	TrustedProxies  []string              `json:"trusted_proxies,omitempty"`   // none: networks, "private", "unix"
	ClientIPHeaders []string              `json:"client_ip_headers,omitempty"` // those of X-Forwarded-For and the like
	BodyLimit       int                   `json:"body_limit,omitempty"`        // 131072 bytes
	BodyDepth       int                   `json:"body_depth,omitempty"`        // 20
	BodyItems       int                   `json:"body_items,omitempty"`        // 4096
	ResponseBody    bool                  `json:"response_body,omitempty"`     // false: whether bodies of responses are looked at
	TimeoutMicros   int                   `json:"timeout_us,omitempty"`        // 0: none
	Budget          uint64                `json:"budget,omitempty"`            // 0: none
	GraphQLPaths    []string              `json:"graphql_paths,omitempty"`     // "/graphql"
	AutoUserMode    string                `json:"auto_user_mode,omitempty"`    // "identification", "anonymization", "disabled"
	HTMLTemplate    string                `json:"html_template,omitempty"`     // of the answer to what is blocked
	JSONTemplate    string                `json:"json_template,omitempty"`
	Canary          string                `json:"canary,omitempty"` // the user agent that the self-check must find
	Machines        int                   `json:"-"`                // GOMAXPROCS: module instances, see Builder
	Engine          *Engine               `json:"-"`                // Default
	Log             *slog.Logger          `json:"-"`                // slog.Default
	OnEvent         func(json.RawMessage) `json:"-"`                // called with the line of each request that came to something
	environment     func() []string
}

// resolved are the settings in force, as far as they are this package's business.
type resolved struct {
	Enabled         bool          `json:"enabled"`
	Mode            string        `json:"mode"`
	Rules           []string      `json:"rules"`
	PollSeconds     int           `json:"poll_s"`
	StateDir        string        `json:"state_dir"`
	Events          string        `json:"events"`
	OnFailure       string        `json:"on_failure"`
	BodyLimit       int           `json:"body_limit"`
	ResponseBody    bool          `json:"response_body"`
	Warnings        []string      `json:"warnings"`
	FailureResponse BlockResponse `json:"failure_response"`
}

// BlockResponse is what a request is answered with instead of the application's response.
type BlockResponse struct {
	Status  int         `json:"status"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

// document is what the engine makes a host of.
func (s *Settings) document() ([]byte, error) {
	list := os.Environ
	if s.environment != nil {
		list = s.environment
	}
	environment := map[string]string{}
	for _, variable := range list() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "BARTIZAN_") || strings.HasPrefix(name, "DD_APPSEC_") {
			environment[name] = value
		}
	}
	for name, place := range map[string]*string{
		"BARTIZAN_HTML_TEMPLATE_FILE": &s.HTMLTemplate, "BARTIZAN_JSON_TEMPLATE_FILE": &s.JSONTemplate,
	} {
		if file := environment[name]; file != "" && *place == "" {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			*place = string(text)
		}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	all["environment"] = environment
	return json.Marshal(all)
}
