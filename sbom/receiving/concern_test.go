package receiving_test

import (
	"slices"
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
		"an advisory of the vendor's":         {vendor, &statement.Advisory{Head: by(vendor)}, true},
		"its advisory about another product":  {vendor, &statement.Advisory{Head: by(vendor), Selector: statement.Selector{Product: "other"}}, false},
		"a rival's advisory":                  {"x:rival", &statement.Advisory{Head: by("x:rival")}, false},
		"the registrar's rotation":            {statement.Registrar, &statement.Keys{Head: by(statement.Registrar)}, true},
		"a revocation of the registrar's":     {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: statement.Registrar}, true},
		"a revocation of the log's key":       {statement.Registrar, &statement.Revoke{Head: by(statement.Registrar), Of: statement.Log}, true},
		"an admission":                        {statement.Registrar, &statement.Admission{Head: by(statement.Registrar)}, false},
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
		if !slices.Contains(c.Visit(i, ev.Statement), i) {
			t.Fatal("the entry itself need not be named")
		}
		st := &statement.Statement{Kind: tt.body.Kind(), Head: by(tt.actor), Body: tt.body}
		if got := slices.Contains(c.Visit(i+1, st), i+1); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

// What somebody else's history has to do with a BOM shows when that somebody
// suspends its party or warns of it: then all of it has to be named.
func TestConcernOfOthers(t *testing.T) {
	const ministry = "x:ministry"
	w := newWorld(t, origin, 0)
	i := w.bom(bill, nil)
	ev, err := receiving.Open(w.bundle(i), w.trust)
	if err != nil {
		t.Fatal(err)
	}
	by := func(actor string) statement.Head {
		return statement.Head{Log: origin, Party: []string{actor}, Made: made}
	}
	enrolled := func(roles ...string) *statement.Party {
		return &statement.Party{Head: by(statement.Registrar), ID: ministry, Roles: roles}
	}
	revoked := &statement.Revoke{Head: by(statement.Registrar), Of: ministry}
	warning := &statement.Advisory{Head: by(ministry)}
	withdrawal := func(actor string, index int64) *statement.Withdraw {
		return &statement.Withdraw{Head: by(actor), Position: statement.Position{Log: origin, Index: index}}
	}
	regulator, lab := enrolled(statement.RoleRegulator), enrolled(statement.RoleLaboratory)
	for name, tt := range map[string]struct {
		bodies []statement.Body // from entry 10 on
		want   []int64
	}{
		"enrolled, and silent":                   {[]statement.Body{regulator, revoked}, nil},
		"a warning":                              {[]statement.Body{regulator, warning}, []int64{10, 11}},
		"a warning, revoked later":               {[]statement.Body{regulator, warning, revoked}, []int64{10, 11, 12}},
		"a warning of somebody without the role": {[]statement.Body{lab, warning}, nil},
		"of somebody who lost the role":          {[]statement.Body{regulator, lab, warning}, []int64{10, 11, 12}},
		"of somebody who got the role later":     {[]statement.Body{lab, warning, regulator}, nil},
		"of another party": {[]statement.Body{regulator, &statement.Advisory{
			Head: by(ministry), Selector: statement.Selector{Party: "x:rival"},
		}}, nil},
		"a warning, withdrawn":                   {[]statement.Body{regulator, warning, withdrawal(ministry, 11)}, []int64{10, 11, 12}},
		"a warning, withdrawn by the registrar":  {[]statement.Body{regulator, warning, withdrawal(statement.Registrar, 11)}, []int64{10, 11, 12}},
		"a warning, withdrawn by who must not":   {[]statement.Body{regulator, warning, withdrawal(vendor, 11)}, []int64{10, 11}},
		"a suspension":                           {[]statement.Body{regulator, &statement.Suspend{Head: by(ministry), About: vendor}}, []int64{10, 11}},
		"a suspension of another, and a warning": {[]statement.Body{regulator, &statement.Suspend{Head: by(ministry), About: "x:rival"}, warning}, []int64{10, 12}},
	} {
		c := ev.Concern()
		var got []int64
		for n, body := range tt.bodies {
			actor := statement.Registrar
			switch b := body.(type) {
			case *statement.Advisory:
				actor = b.Party[0]
			case *statement.Suspend:
				actor = b.Party[0]
			case *statement.Withdraw:
				actor = b.Party[0]
			}
			got = append(got, c.Visit(int64(10+n), &statement.Statement{Kind: body.Kind(), Head: by(actor), Body: body})...)
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
		for _, index := range got {
			if slices.Contains(c.Grounds(index), index) || index > 10 && len(c.Grounds(index)) == 0 {
				t.Errorf("%s: entry %d rests on %v", name, index, c.Grounds(index))
			}
		}
	}
}
