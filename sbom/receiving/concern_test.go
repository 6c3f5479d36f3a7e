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
		"its advisory on its own":             {vendor, &statement.Advisory{Head: by(vendor)}, true},
		"its advisory on another product":     {vendor, &statement.Advisory{Head: by(vendor), Selector: statement.Selector{Product: "other"}}, false},
		"a regulator's advisory":              {regulator, &statement.Advisory{Head: by(regulator)}, true},
		"a regulator's on another party":      {regulator, &statement.Advisory{Head: by(regulator), Selector: statement.Selector{Party: "x:rival"}}, false},
		"a rival's advisory":                  {"x:rival", &statement.Advisory{Head: by("x:rival"), Selector: statement.Selector{Party: vendor}}, false},
		"the registrar's rotation":            {statement.Registrar, &statement.Keys{Head: by(statement.Registrar)}, true},
		"the log's rotation":                  {statement.Log, &statement.Keys{Head: by(statement.Log)}, true},
		"the registrar's revocation":          {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: statement.Registrar}, true},
		"the log's revocation":                {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: statement.Log}, true},
		"a revocation of who suspended it":    {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: "x:police"}, true},
		"a revocation of who warned of it":    {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: "x:csirt"}, true},
		"a revocation of a regulator":         {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: regulator}, false},
		"a withdrawal of a warning":           {"x:csirt", &statement.Withdraw{Head: by("x:csirt"), Position: at(i + 3)}, true},
		"the registrar's of a warning":        {statement.Registrar, &statement.Withdraw{Head: by(statement.Registrar), Position: at(i + 3)}, true},
		"a rival's of a warning":              {"x:rival", &statement.Withdraw{Head: by("x:rival"), Position: at(i + 3)}, false},
		"the vendor's of a warning":           {vendor, &statement.Withdraw{Head: by(vendor), Position: at(i + 3)}, false},
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
		// A regulator and a CSIRT were enrolled; the CSIRT has warned of it, and is one
		// no longer; somebody has suspended it.
		for j, before := range []struct {
			actor string
			body  statement.Body
			want  bool
		}{
			{regulator, &statement.Party{Head: by(regulator), Roles: []string{statement.RoleRegulator}}, false},
			{"x:csirt", &statement.Party{Head: by("x:csirt"), Roles: []string{statement.RoleCSIRT}}, false},
			{"x:csirt", &statement.Advisory{Head: by("x:csirt"), Selector: statement.Selector{Party: vendor}}, true},
			{"x:csirt", &statement.Party{Head: by("x:csirt"), Roles: []string{statement.RoleVendor}}, false},
			{"x:police", &statement.Suspend{Head: by("x:police"), About: vendor}, true},
		} {
			st := &statement.Statement{Kind: before.body.Kind(), Head: by(before.actor), Body: before.body}
			if got := c.Visit(i+1+int64(j), st); got != before.want {
				t.Fatalf("%s of %s: %v", st.Kind, before.actor, got)
			}
		}
		st := &statement.Statement{Kind: tt.body.Kind(), Head: by(tt.actor), Body: tt.body}
		if got := c.Visit(i+9, st); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
