package statement

// Limits of what is read. They are part of the format.
const (
	MaxPayload = 48 << 10 // bytes of a statement; what fits a leaf is less
	MaxBody    = 32 << 10 // bytes of a predicate as written; larger bodies are blobs
	MaxParty   = 100      // bytes of a party id
	MaxOrigin  = 200      // bytes of a log origin
	MaxKeys    = 8        // keys of a party: old and new set of a rotation together fit the signatures of an envelope
	MaxName    = 256      // bytes of a name
	MaxNote    = 4096     // bytes of a note
	MaxText    = 4096     // bytes of a member copied from a BOM
	MaxList    = 64       // elements of a list of identifiers or words
	MaxIndices = 4096     // entries that a status names: as many as a bundle holds

	maxDepth   = 32
	maxInteger = 1<<53 - 1
)
