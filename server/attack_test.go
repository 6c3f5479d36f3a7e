package server

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestEnrolledAttackers: what one enrolled party may not do to another, and what
// does nothing though it is taken.
func TestEnrolledAttackers(t *testing.T) {
	r := serve(t, newLedger(t))
	key, evil := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)    // 2
	r.enrol(t, "x:evil", evil) // 3
	secret := newBOM(serialA, 1, "HR-87T")
	held := bomBody(t, vendor, secret)
	held.Disclosure = statement.DisclosureHeld
	first := signBOM(t, held, key)
	r.accepted(t, http.StatusCreated, first, secret) // 4

	named := []byte(strings.Replace(string(newBOM("3e671687-395b-41f5-a30f-a58921a69b70", 1, "HR-88")), "Hoshino Relay K.K.", vendor, 1))
	hidden := bomBody(t, "x:evil", named)
	hidden.Disclosure, hidden.Product = statement.DisclosureHeld, &statement.Product{Commit: sha256.Sum256([]byte("salted"))}
	shown := bomBody(t, "x:evil", named)
	opened := bomBody(t, "x:evil", secret)
	after := func(log string, index int64) statement.BOM {
		b := bomBody(t, "x:evil", named)
		b.Product.Maker = ""
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: log, Index: index}, Reason: statement.ReasonCorrection}
		return b
	}
	taken := partyBody(vendor, evil)
	taken.Version, taken.Prev = 2, leafHash(t, r, 2)
	payload, err := statement.NewParty(taken)
	coup := seals(t, payload, err, evil)

	before, size := r.stores(t), r.Size()
	for name, c := range map[string]struct {
		leaf, raw []byte
		status    int
		code      string
	}{
		"speaks for the maker":                             {signBOM(t, shown, evil), named, 403, "STATE-SPEAKS-FOR"},
		"speaks for the maker behind a commitment":         {signBOM(t, hidden, evil), named, 403, "STATE-SPEAKS-FOR"},
		"opens a held BOM by its digest":                   {signBOM(t, opened, evil), nil, 422, "SERVER-BOM-ABSENT"},
		"opens a held BOM with other bytes":                {signBOM(t, opened, evil), named, 422, "STATEMENT-BOM-MISMATCH"},
		"asks for a held BOM in its own name":              {signBOM(t, bomBody(t, "x:evil", secret), evil), nil, 422, "SERVER-BOM-ABSENT"},
		"supersedes itself":                                {signBOM(t, after(testOrigin, size), evil), named, 422, "STATE-POSITION-INDEX"},
		"supersedes in another log":                        {signBOM(t, after("ledger.example/other", 0), evil), named, 422, "STATE-POSITION-LOG"},
		"takes the vendor's name over without a registrar": {coup, nil, 403, "STATE-THRESHOLD-SHORT"},
		"the vendor's signature over its own statement":    {graft(t, signBOM(t, shown, evil), first), named, 403, "ENVELOPE-KEY-UNKNOWN"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, r.submits(t, c.leaf, c.raw), c.status, c.code)
			if !maps.Equal(before, r.stores(t)) || r.Size() != size {
				t.Error("the refused write changed the stores")
			}
		})
	}
	refused(t, r.get(t, "/blobs/sha256/"+statement.Digest(held.Digest).Hex()), http.StatusForbidden, "SERVER-BLOB-HELD")

	// Who has the bytes may log them too, under its own name: the vendor's entry,
	// its standing and its bundle are as they were, and a repetition adds nothing.
	mine := bomBody(t, "x:evil", secret)
	mine.Disclosure = statement.DisclosureHeld
	mine.Supersedes = &statement.Supersedes{Position: statement.Position{Log: testOrigin, Index: 4}, Reason: statement.ReasonCorrection}
	r.accepted(t, http.StatusCreated, signBOM(t, mine, evil), secret) // 5
	r.accepted(t, http.StatusOK, first, secret)
	b := r.opens(t, r.get(t, "/api/v1/entries/4/bundle").body)
	ev := r.evidence(t, b)
	if ev.Party != vendor || ev.Standing.Word != registry.Admitted || !slices.Equal(indicesOf(b), []int64{0, 1, 2}) {
		t.Errorf("the bundle is of %s, standing %s, history %v", ev.Party, ev.Standing.Word, indicesOf(b))
	}
	if found := r.find(t, statement.Digest(held.Digest).Hex()); !slices.Equal(found.Entries, []int64{4, 5}) {
		t.Errorf("the look-up finds %v", found.Entries)
	}
}

// leafHash is what prev names.
func leafHash(t *testing.T, r *running, index int64) statement.Digest {
	t.Helper()
	leaf, err := r.sequence.Leaf(index)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(append([]byte{0}, leaf...))
}

// TestStrangersLearnNothing: paths that lead out of what is served, in any
// spelling, answer with a problem and never with a file of the folder.
func TestStrangersLearnNothing(t *testing.T) {
	r := serve(t, newLedger(t))
	for _, path := range []string{
		"/tile/../keys/service.key", "/tile/..%2fkeys%2fservice.key", "/tile/entries/..%5c..%5ckeys%5cservice.key", "/keys/service.key",
		"/blobs/sha256/..", "/blobs/sha256/%00", "/blobs/sha256//etc/passwd", "/registrar.key", "//registrar.key", "/./registrar.key", "/log/journal",
		"/api/v1/entries/1e0/bundle", "/api/v1/entries/+1/bundle", "/api/v1/entries/%31%00/bundle", "/api/v1/entries/\u0661/bundle",
	} {
		a := r.get(t, path)
		if a.status < 300 || strings.Contains(string(a.body), "PRIVATE") || a.status >= 500 {
			t.Errorf("%s: %d %.80q", path, a.status, fmt.Sprint(string(a.body)))
		}
	}
}
