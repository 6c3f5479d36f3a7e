package origin

import "strconv"

// Truth is the value of a question to the facts: true, false or unknown.
// The zero value is Unknown, so that what nobody has decided is not decided.
type Truth uint8

// The three values.
const (
	Unknown Truth = iota
	False
	True
)

// String returns "true", "false" or "unknown", the words of a verdict.
func (t Truth) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	case Unknown:
		return "unknown"
	}
	return "Truth(" + strconv.Itoa(int(t)) + ")"
}

// MarshalText returns the word that [Truth.String] returns.
func (t Truth) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Not returns Kleene's negation: unknown stays unknown.
func (t Truth) Not() Truth {
	switch t {
	case True:
		return False
	case False:
		return True
	default:
		return Unknown
	}
}

// And returns Kleene's conjunction: false wins over unknown, unknown over true.
func (t Truth) And(u Truth) Truth {
	switch {
	case t == False || u == False:
		return False
	case t == True && u == True:
		return True
	default:
		return Unknown
	}
}

// Or returns Kleene's disjunction: true wins over unknown, unknown over false.
func (t Truth) Or(u Truth) Truth { return t.Not().And(u.Not()).Not() }
