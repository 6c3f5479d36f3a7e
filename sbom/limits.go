package sbom

// Limits bounds the work that one document may cause. A field that is zero or
// negative stands for its value in [DefaultLimits].
type Limits struct {
	Bytes    int // largest document, in bytes
	Depth    int // deepest nesting of arrays and objects; a lone {} has depth 1
	Tokens   int // most JSON tokens: names, values, opening and closing brackets
	Findings int // most findings reported of one code; the rest are counted
}

// DefaultLimits are the limits in force where nothing else is said: 32 MiB,
// 64 levels, four million tokens, 50 findings of a code. Real documents have a
// token in 10 bytes (no white space) to 20 (indented), so that 32 MiB of them
// stay below the limit.
//
// Time and memory of [Admit] are linear in tokens and bytes. Measured in 2026-11
// on linux/amd64, 32 MiB with 110,000 libraries take 0.6 GiB of heap at the peak
// and some seconds of one core, and the worst hostile documents tried 0.8 GiB;
// so a server must bound how many it examines at once.
var DefaultLimits = Limits{
	Bytes:    32 << 20,
	Depth:    64,
	Tokens:   4_000_000,
	Findings: 50,
}

// resolved returns the limits with every unset field replaced by its default.
func (l Limits) resolved() Limits {
	if l.Bytes <= 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	if l.Depth <= 0 {
		l.Depth = DefaultLimits.Depth
	}
	if l.Tokens <= 0 {
		l.Tokens = DefaultLimits.Tokens
	}
	if l.Findings <= 0 {
		l.Findings = DefaultLimits.Findings
	}
	return l
}

const (
	maxPointer = 2048 // bytes of a JSON Pointer in a finding
	maxQuote   = 80   // bytes of input quoted in a text
	maxNumber  = 128  // bytes of a number literal

	maxExponent = 4 // digits of a number's exponent
)
