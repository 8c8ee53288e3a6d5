package bartizan

import (
	"encoding/json"
	"fmt"
)

// Result is what an evaluation that matched found.
type Result struct {
	Events     []Event                   `json:"events"`
	Actions    map[string]map[string]any `json:"actions"`    // by type, such as block_request
	Attributes map[string]any            `json:"attributes"` // what belongs on the request's span
	Keep       bool                      `json:"keep"`       // whether the request's trace must be kept
	Timeout    bool                      `json:"timeout"`    // whether the budget was spent before all was looked at
	Evaluated  int                       `json:"evaluated"`  // batches that were looked at completely

	document json.RawMessage
}

// Event is a rule that matched.
type Event struct {
	Rule               Rule    `json:"rule"`
	Matches            []Match `json:"rule_matches"` // one for each condition
	SecurityResponseID string  `json:"security_response_id,omitempty"`
	StackID            string  `json:"stack_id,omitempty"`
}

// Rule is what an event tells of its rule.
type Rule struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	OnMatch []string          `json:"on_match,omitempty"`
	Tags    map[string]string `json:"tags"`
}

// Match is a condition that matched.
type Match struct {
	Operator      string      `json:"operator"`
	OperatorValue string      `json:"operator_value"`
	Parameters    []Parameter `json:"parameters"`
}

// Parameter is what matched. Conditions that look at several addresses at once, those of attacks at run time, have
// each of them in Arguments; the others have one in Address, Value and KeyPath.
type Parameter struct {
	Address   string
	Value     string
	KeyPath   []any // keys as string, indices as float64
	Highlight []string
	Arguments map[string]Argument
}

// Argument is one of several values that matched together.
type Argument struct {
	Address string `json:"address"`
	Value   string `json:"value"`
	KeyPath []any  `json:"key_path"`
}

// UnmarshalJSON tells the two forms apart.
func (p *Parameter) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	for name, field := range fields {
		var err error
		switch name {
		case "address":
			err = json.Unmarshal(field, &p.Address)
		case "value":
			err = json.Unmarshal(field, &p.Value)
		case "key_path":
			err = json.Unmarshal(field, &p.KeyPath)
		case "highlight":
			err = json.Unmarshal(field, &p.Highlight)
		default:
			var argument Argument
			err = json.Unmarshal(field, &argument)
			if p.Arguments == nil {
				p.Arguments = map[string]Argument{}
			}
			p.Arguments[name] = argument
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// JSON is the result document as the engine wrote it.
func (r *Result) JSON() json.RawMessage { return r.document }

// Blocks tells whether an action asks for another answer than the application's.
func (r *Result) Blocks() bool {
	_, block := r.Actions["block_request"]
	_, redirect := r.Actions["redirect_request"]
	return block || redirect
}

func newResult(document []byte) (*Result, error) {
	r := &Result{document: document}
	if err := json.Unmarshal(document, r); err != nil {
		return nil, fmt.Errorf("bartizan: a result that cannot be read: %w", err)
	}
	return r, nil
}
