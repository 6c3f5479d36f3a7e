package policy

// The bounds of a policy.
const (
	maxBytes      = 256 << 10 // bytes of a policy
	maxDepth      = 16        // nested collections
	maxNodes      = 50_000    // scalars and collections
	maxRules      = 256
	maxTests      = 512
	maxInputs     = 64
	maxCodes      = 1024    // codes in one list or group
	maxText       = 2000    // characters of a text for people
	maxExpression = 4096    // characters of an expression
	maxCost       = 200_000 // of one evaluation, in the units of the expression language
	maxQuote      = 60      // bytes of a value quoted in a refusal
	maxAlike      = 6       // names that are alike in one expression, of which each outcome is tried
)

// defaultFuzzy is the score, per mille, from which a name is alike where a policy
// does not say.
const defaultFuzzy = 920
