package envelope

// Limits of what is read. They are part of the format.
const (
	MaxLeaf       = 65535 // bytes of a leaf: the entry bundle's length field has 16 bits
	MaxSignatures = 16    // signatures of an envelope
	maxDepth      = 32    // nesting of a submitted envelope
	maxSignature  = 512   // bytes of a submitted signature; longer ones are of no key we know
	maxPEM        = 16 << 10
)

// PayloadType is the only payload type: an in-toto Statement as JSON.
const PayloadType = "application/vnd.in-toto+json"
