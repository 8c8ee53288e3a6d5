package bartizan

import (
	"context"
	"math"
)

// User is who makes a request. Only the ID is needed.
type User struct {
	ID, Name, Email, SessionID, Role, Scope string
	Tags                                    map[string]any // anything else
}

func (u *User) document() Pairs {
	pairs := Pairs{}
	for _, field := range [...]Pair{
		{"id", u.ID}, {"name", u.Name}, {"email", u.Email}, {"session_id", u.SessionID}, {"role", u.Role}, {"scope", u.Scope},
	} {
		if field.Value != "" {
			pairs = append(pairs, field)
		}
	}
	for name, value := range u.Tags {
		pairs = append(pairs, Pair{name, value})
	}
	return pairs
}

// The functions below are about the request that ctx belongs to, and are true when it is blocked: the handler returns
// then, and the response of the block takes the place of its own. Where there is no protection they do nothing.

// SetUser says who makes the request.
func SetUser(ctx context.Context, user User) bool {
	return event(ctx, "set_user", Pair{"user", user.document()})
}

// IsUserBlocked asks about a user without remembering; in monitor mode it is true, and the request goes on.
func IsUserBlocked(ctx context.Context, id string) bool {
	request := FromContext(ctx)
	if request == nil {
		return false
	}
	answer := request.with(ctx, requestEvent, Pairs{{"event", "is_user_blocked"}, {"user", Pairs{{"id", id}}}})
	return request.Block() != nil || answer != nil && answer.Blocked
}

// TrackUserLoginSuccess says that somebody logged in. User and metadata may be nil.
func TrackUserLoginSuccess(ctx context.Context, login string, user *User, metadata map[string]any) bool {
	return event(ctx, "login_success", about(login, user, metadata)...)
}

// TrackUserLoginFailure says that a login failed, and whether there is such a user.
func TrackUserLoginFailure(ctx context.Context, login string, exists bool, user *User, metadata map[string]any) bool {
	return event(ctx, "login_failure", append(about(login, user, metadata), Pair{"exists", exists})...)
}

// TrackUserSignup says that there is a new user.
func TrackUserSignup(ctx context.Context, login string, user *User, metadata map[string]any) bool {
	return event(ctx, "signup", about(login, user, metadata)...)
}

// TrackCustomEvent says that something happened that rules may be about, such as payment.failure.
func TrackCustomEvent(ctx context.Context, name string, metadata map[string]any, user *User) bool {
	return event(ctx, "custom", append(about("", user, metadata), Pair{"name", name})...)
}

func about(login string, user *User, metadata map[string]any) []Pair {
	var pairs []Pair
	if login != "" {
		pairs = append(pairs, Pair{"login", login})
	}
	if user != nil {
		pairs = append(pairs, Pair{"user", user.document()})
	}
	if metadata != nil {
		pairs = append(pairs, Pair{"metadata", whole(metadata)})
	}
	return pairs
}

func event(ctx context.Context, name string, more ...Pair) bool {
	request := FromContext(ctx)
	if request == nil {
		return false
	}
	request.with(ctx, requestEvent, append(Pairs{{"event", name}}, more...))
	return request.Block() != nil
}

// whole makes integers of the floats that are: encoding/json reads every number as a float.
func whole(value any) any {
	switch v := value.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v)
		}
	case map[string]any:
		items := make(map[string]any, len(v))
		for name, item := range v {
			items[name] = whole(item)
		}
		return items
	case []any:
		items := make([]any, 0, len(v))
		for _, item := range v {
			items = append(items, whole(item))
		}
		return items
	}
	return value
}
