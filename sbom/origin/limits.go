package origin

// The bounds of one property value. They are far above what is honest.
const (
	maxValue    = 8192  // bytes of a value
	maxShares   = 256   // shares of a distribution
	maxParty    = 100   // bytes of a party
	maxBasis    = 80    // characters of a basis
	maxFindings = 50    // findings of one code that are kept
	maxWritten  = 200   // bytes of a value that cannot be read
	maxVouchers = 16    // of who stands behind one fact that are named
	maxLinked   = 4096  // documents that are joined
	maxLinkedAt = 16    // links between the document and a linked one
	maxQuote    = 60    // bytes of a value quoted in a finding
	whole       = 10000 // hundredths of a percent
	tolerance   = 50    // what a distribution may miss to or exceed 100 % by rounding
)
