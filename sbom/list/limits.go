package list

// Bounds of the work that a list may cause.
const (
	maxBytes   = 64 << 20 // of a list
	maxRows    = 500_000
	maxNames   = 1_000_000 // names and aliases of all rows
	maxAliases = 200       // of one row
	maxName    = 512       // bytes of a name, as written
	maxField   = 64 << 10  // bytes of any field
)
