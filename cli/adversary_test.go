package cli

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestSaidByNobody: the thief of a key sees next month's BOM and submits it first.
// Once his entry is void, it is no answer to whoever asks for the file without a
// bundle: what the vendor signed is, under a new key.
func TestSaidByNobody(t *testing.T) {
	bill := relay(t, 1)
	for name, c := range map[string]struct {
		build func(l *liar) map[int64][]int64 // what the bundles name
		want  int
		entry string
	}{
		"the thief's alone": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			l.add(l.revokes("registrar", 4)("registrar"))
			return map[int64][]int64{4: {2, 5}}
		}, exitReject, "entry 4 "},
		"the thief's first": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			l.add(l.revokes("registrar", 4)("registrar"))
			l.keys["fresh"], _ = envelope.NewSigner(envelope.Ed25519, rand.Reader)
			l.add(l.enrolment(vendorID, "fresh", l.second)("registrar", "fresh"))
			l.add(l.bom(vendorID, bill, nil)("fresh"))
			return map[int64][]int64{4: {2, 5, 6, 7}, 7: {2, 4, 5, 6}}
		}, exitDone, "entry 7 "},
		"a rival's, whose key was stolen": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(rivalID, bill, nil)("rival"))
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			from := int64(4)
			l.add(l.seal(statement.NewRevoke(statement.Revoke{
				Head: l.by("registrar"), Target: statement.TargetKey, Of: rivalID, Key: l.set("rival").Keys[0].ID(), Reason: statement.RevokeCompromise, InvalidFrom: &from,
			}))("registrar"))
			return map[int64][]int64{4: {3, 6}, 5: {2}}
		}, exitDone, "entry 5 "},
		"a rival's that stands": {func(l *liar) map[int64][]int64 {
			l.add(l.bom(rivalID, bill, nil)("rival"))
			l.add(l.bom(vendorID, bill, nil)("vendor"))
			return map[int64][]int64{4: {3}, 5: {2}}
		}, exitHold, "CLI-PARTY-SEVERAL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLiar(t)
			concern := c.build(l)
			file := l.keep("relay.json", bill, nil)
			code, out, errs := l.asks("check", file, "--server", l.serve(concern, nil))
			if code != c.want || !strings.Contains(out+errs, c.entry) {
				t.Errorf("exit %d, want %d and %q\n%s%s", code, c.want, c.entry, out, errs)
			}
		})
	}
}
