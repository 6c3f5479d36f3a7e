package receiving_test

import (
	"testing"

	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// What a status has to name, and what it need not: an honest log that leaves the
// latter out is accused of nothing.
func TestConcern(t *testing.T) {
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	ev, err := receiving.Open(w.bundle(i), w.trust)
	if err != nil {
		t.Fatal(err)
	}
	by := func(actor string) statement.Head {
		return statement.Head{Log: origin, Party: []string{actor}, Made: made}
	}
	at := func(index int64) statement.Position { return statement.Position{Log: origin, Index: index} }
	for name, tt := range map[string]struct {
		actor string
		body  statement.Body
		want  bool
	}{
		"its revocation by the registrar":     {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: vendor}, true},
		"a rival's revocation":                {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: "x:rival"}, false},
		"its suspension":                      {"x:ministry", &statement.Suspend{Head: by("x:ministry"), About: vendor}, true},
		"a rival's suspension":                {"x:ministry", &statement.Suspend{Head: by("x:ministry"), About: "x:rival"}, false},
		"its rotation":                        {vendor, &statement.Keys{Head: by(vendor)}, true},
		"a rival's rotation":                  {"x:rival", &statement.Keys{Head: by("x:rival")}, false},
		"a withdrawal of the entry":           {vendor, &statement.Withdraw{Head: by(vendor), Position: at(i)}, true},
		"the registrar's withdrawal of it":    {statement.Registrar, &statement.Withdraw{Head: by(statement.Registrar), Position: at(i)}, true},
		"a rival's withdrawal of it":          {"x:rival", &statement.Withdraw{Head: by("x:rival"), Position: at(i)}, false},
		"a withdrawal of something else":      {vendor, &statement.Withdraw{Head: by(vendor), Position: at(2)}, false},
		"a list of the vendor's":              {vendor, &statement.List{Head: by(vendor)}, false},
		"an advisory of the vendor's":         {vendor, &statement.Advisory{Head: by(vendor)}, false},
		"a policy of the vendor's":            {vendor, &statement.Policy{Head: by(vendor)}, false},
		"a profile of the vendor's":           {vendor, &statement.Profile{Head: by(vendor)}, false},
		"a verdict on the same bytes":         {vendor, &statement.Verdict{Head: by(vendor), File: statement.Field{Text: ev.Statement.Subject.String()}}, false},
		"a decision":                          {vendor, &statement.Decision{Head: by(vendor), Position: &statement.Position{Log: origin, Index: i}}, false},
		"an attestation":                      {"x:lab", &statement.Attestation{Head: by("x:lab")}, false},
		"the same bytes again":                {vendor, &statement.BOM{Head: by(vendor), Digest: ev.Statement.Subject}, true},
		"the same bytes of a rival":           {"x:rival", &statement.BOM{Head: by("x:rival"), Digest: ev.Statement.Subject}, false},
		"another BOM":                         {vendor, &statement.BOM{Head: by(vendor), Digest: statement.Digest{1}}, false},
		"another BOM that supersedes it":      {vendor, &statement.BOM{Head: by(vendor), Digest: statement.Digest{1}, Supersedes: &statement.Supersedes{Position: at(i)}}, true},
		"another BOM that supersedes another": {vendor, &statement.BOM{Head: by(vendor), Digest: statement.Digest{1}, Supersedes: &statement.Supersedes{Position: at(2)}}, false},
	} {
		c := ev.Concern()
		if !c.Visit(i, ev.Statement) {
			t.Fatal("the entry itself need not be named")
		}
		st := &statement.Statement{Kind: tt.body.Kind(), Head: by(tt.actor), Body: tt.body}
		if got := c.Visit(i+1, st); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
