package origin

import (
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// sameWord tells whether a word of the document is one of the words asked for.
// Case does not matter. What is not one of them and looks like one may be meant
// as it, and so may what is empty.
func sameWord(said string, words []string) Truth {
	plain := strings.TrimSpace(said)
	seen := sbom.Skeleton(said)
	out := False
	for _, w := range words {
		switch {
		case strings.EqualFold(plain, strings.TrimSpace(w)):
			return True
		case seen == "", strings.EqualFold(seen, sbom.Skeleton(w)):
			out = Unknown
		}
	}
	return out
}
