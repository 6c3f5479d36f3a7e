package receiving

import (
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Selects reports whether the selector of an advisory selects the BOM of a bom
// statement, as a verdict judges it: sure is false where the statement and the
// document leave it open. doc is nil if the document was not read; what only it
// says is then open. Whether the advisory's issuer warns of this party's products
// is not looked at.
func Selects(s statement.Selector, said *statement.BOM, doc *sbom.Document) (selects, sure bool) {
	hit := matches(s, paper{said: said, doc: doc})
	return hit != policy.False, hit != policy.Unknown
}
