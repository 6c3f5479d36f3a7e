package receiving_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// cosigner makes the key of a witness.
func cosigner(t *testing.T, a ledger.Algorithm, name string, n byte) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(a, name, seed(n))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(t *testing.T, s *ledger.Signer, c ledger.Checkpoint, at time.Time) []byte {
	t.Helper()
	b, err := s.Cosign(c, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The row passes only with the quorum's cosignatures of the very checkpoint of the
// bundle, of times that the policy allows.
func TestWitnesses(t *testing.T) {
	one := cosigner(t, ledger.CosignatureV1, "witness.example/one", 61)
	two := cosigner(t, ledger.MLDSA44, "witness.example/two", 62)
	three := cosigner(t, ledger.CosignatureV1, "witness.example/three", 63)
	stranger := cosigner(t, ledger.CosignatureV1, "witness.example/one", 64)
	p, err := ledger.ParseWitnessPolicy("witness one " + one.VKey() + "\nwitness two " + two.VKey() + "\nwitness three " + three.VKey() + "\ngroup g 2 one two three\nquorum g\n")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, origin, 0)
	other := newWorld(t, "ledger.example/other", 50)
	w.trust.Witnesses = p
	i := w.bom(bill, nil)
	c := w.checkpoint()
	smaller, root, elsewhere := c, c, other.checkpoint()
	smaller.Size--
	root.Root[0] ^= 1
	at := made.Add(30 * time.Minute)
	join := func(lines ...[]byte) []byte { return slices.Concat(lines...) }
	bent := line(t, two, c, at)
	bent[len(bent)/2] ^= 1
	if bent[len(bent)/2] == '\n' || bent[len(bent)/2] == '=' {
		t.Fatal("the bent line is no base64")
	}
	withTwo := func(l []byte) []byte { return join(line(t, two, c, at), l) }
	for name, x := range map[string]struct {
		lines   []byte
		at      time.Time // of judgement; zero is that of the fixture
		verdict string
		exit    int
		code    string
		row     receiving.Outcome
	}{
		"two of three":                     {withTwo(line(t, one, c, at)), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"another two, in another order":    {join(line(t, three, c, at), line(t, one, c, at)), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"all":                              {join(line(t, three, c, at), line(t, one, c, at), line(t, two, c, at)), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"with a stranger's line beside":    {join(line(t, stranger, c, at), withTwo(line(t, one, c, at))), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"ten minutes ahead":                {withTwo(line(t, one, c, now.Add(10*time.Minute))), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"none":                             {nil, time.Time{}, receiving.Hold, 10, "LOG-QUORUM-UNMET", receiving.Unknown},
		"one":                              {line(t, one, c, at), time.Time{}, receiving.Hold, 10, "LOG-QUORUM-UNMET", receiving.Unknown},
		"one and a stranger of its name":   {join(line(t, two, c, at), line(t, stranger, c, at)), time.Time{}, receiving.Hold, 10, "LOG-QUORUM-UNMET", receiving.Unknown},
		"one witness twice":                {join(line(t, one, c, at), line(t, one, c, at.Add(time.Second))), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"of a smaller tree":                {withTwo(line(t, one, smaller, at)), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"of another root":                  {withTwo(line(t, one, root, at)), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"of another log":                   {withTwo(line(t, one, elsewhere, at)), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"ML-DSA-44 of a smaller tree":      {join(line(t, one, c, at), line(t, two, smaller, at)), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"false":                            {join(line(t, one, c, at), bent), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"false beside a quorum":            {join(line(t, one, c, at), line(t, three, c, at), bent), time.Time{}, receiving.Reject, 11, "LOG-COSIGNATURE-INVALID", receiving.Fail},
		"of the future":                    {withTwo(line(t, one, c, now.Add(11*time.Minute))), time.Time{}, receiving.Hold, 10, "BUNDLE-WITNESS-FUTURE", receiving.Unknown},
		"of the future, ML-DSA-44":         {join(line(t, one, c, at), line(t, two, c, now.Add(time.Hour))), time.Time{}, receiving.Hold, 10, "BUNDLE-WITNESS-FUTURE", receiving.Unknown},
		"one of two too old":               {withTwo(line(t, one, c, made.Add(-200*time.Hour))), time.Time{}, receiving.Hold, 14, "BUNDLE-WITNESS-STALE", receiving.Unknown},
		"both too old":                     {join(line(t, one, c, made.Add(-200*time.Hour)), line(t, two, c, made.Add(-300*time.Hour))), time.Time{}, receiving.Hold, 14, "BUNDLE-WITNESS-STALE", receiving.Unknown},
		"one too old, one of the future":   {join(line(t, one, c, made.Add(-200*time.Hour)), line(t, two, c, now.Add(time.Hour))), time.Time{}, receiving.Hold, 10, "BUNDLE-WITNESS-FUTURE", receiving.Unknown},
		"too old, and two that are not":    {join(line(t, one, c, made.Add(-200*time.Hour)), line(t, three, c, at), line(t, two, c, at)), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"older than a day, noted and pass": {withTwo(line(t, one, c, now.Add(-25*time.Hour))), time.Time{}, receiving.Accept, 0, "", receiving.Pass},
		"the status is too old as well":    {withTwo(line(t, one, c, at)), made.Add(200 * time.Hour), receiving.Hold, 14, "BUNDLE-WITNESS-STALE", receiving.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.bundle(i)
			b.Checkpoint = append(bytes.Clone(b.Checkpoint), x.lines...)
			v := w.check(bill, b, func(r *receiving.Request) {
				if !x.at.IsZero() {
					r.At = x.at
				}
			})
			if v.Verdict != x.verdict || v.Exit != x.exit || !strings.Contains(grave(v), x.code) {
				t.Errorf("got %s %d %q, want %s %d %s", v.Verdict, v.Exit, grave(v), x.verdict, x.exit, x.code)
			}
			row := v.Rows[2]
			if row.Name != receiving.RowWitnesses || row.Outcome != x.row || (row.Basis == receiving.ByProof) != (x.row == receiving.Pass) {
				t.Errorf("row %+v, want %s", row, x.row)
			}
			if aged := strings.Contains(name, "noted"); aged != slices.ContainsFunc(v.Reasons, func(r receiving.Reason) bool { return r.Code == "BUNDLE-WITNESS-AGED" }) {
				t.Errorf("noted as aged: %v", !aged)
			}
		})
	}

	// Without a bundle nothing is shown; with a trust file that demands none nothing is asked.
	if v := w.check(bill, nil, nil); v.Rows[2].Outcome != receiving.Unknown || !strings.Contains(grave(v), "LOG-QUORUM-UNMET") {
		t.Errorf("without a bundle: %+v", v.Rows[2])
	}
	w.trust.Witnesses = nil
	b := w.bundle(i)
	b.Checkpoint = append(b.Checkpoint, withTwo(bent)...)
	if v := w.check(bill, b, nil); v.Rows[2].Outcome != receiving.NotRequired || v.Verdict != receiving.Accept {
		t.Errorf("nothing demanded: %+v", v.Rows[2])
	}
}

// A log that is named as its own witness is none.
func TestOwnWitness(t *testing.T) {
	w := newWorld(t, origin, 0)
	var vkey string
	for _, k := range w.trust.Logs[0].Keys {
		if k.Algorithm() == ledger.MLDSA44 {
			vkey = k.String()
		}
	}
	p, err := ledger.ParseWitnessPolicy("witness own " + vkey + "\nquorum own\n")
	if err != nil {
		t.Fatal(err)
	}
	w.trust.Witnesses = p
	v := w.check(bill, w.bundle(w.bom(bill, nil)), nil)
	if v.Verdict == receiving.Accept || v.Rows[2].Outcome == receiving.Pass || !strings.Contains(grave(v), "TRUST-WITNESS-LOG") {
		t.Errorf("got %s %q %+v", v.Verdict, grave(v), v.Rows[2])
	}
}

// What is given beside the file, a profile or the entry of a pinned policy, is proven by
// a checkpoint of its own: a log that shows the file with the quorum's cosignatures, and
// these on a history that nobody cosigned, has shown nothing.
func TestWitnessedBesideTheFile(t *testing.T) {
	one := cosigner(t, ledger.CosignatureV1, "witness.example/one", 61)
	two := cosigner(t, ledger.MLDSA44, "witness.example/two", 62)
	witnesses, err := ledger.ParseWitnessPolicy("witness one " + one.VKey() + "\nwitness two " + two.VKey() + "\ngroup g all one two\nquorum g\n")
	if err != nil {
		t.Fatal(err)
	}
	p := owners(t)
	at, old := made.Add(30*time.Minute), made.AddDate(0, -1, 0)
	both := func(t *testing.T, c ledger.Checkpoint) []byte {
		return slices.Concat(line(t, one, c, at), line(t, two, c, at))
	}
	for name, x := range map[string]struct {
		lines func(t *testing.T, of, file ledger.Checkpoint) []byte
		grow  bool // it is proven by a larger tree than the file
		takes bool
		code  string // of opening it, "" if it opens
	}{
		"cosigned":                {lines: func(t *testing.T, c, _ ledger.Checkpoint) []byte { return both(t, c) }, takes: true},
		"cosigned, a larger tree": {lines: func(t *testing.T, c, _ ledger.Checkpoint) []byte { return both(t, c) }, grow: true, takes: true},
		"by nobody":               {lines: func(*testing.T, ledger.Checkpoint, ledger.Checkpoint) []byte { return nil }},
		"a larger tree by nobody": {lines: func(*testing.T, ledger.Checkpoint, ledger.Checkpoint) []byte { return nil }, grow: true},
		"by one of two":           {lines: func(t *testing.T, c, _ ledger.Checkpoint) []byte { return line(t, two, c, at) }},
		"by one too long ago": {lines: func(t *testing.T, c, _ ledger.Checkpoint) []byte {
			return slices.Concat(line(t, one, c, at), line(t, two, c, old))
		}},
		"by one in the future": {lines: func(t *testing.T, c, _ ledger.Checkpoint) []byte {
			return slices.Concat(line(t, one, c, at), line(t, two, c, now.Add(time.Hour)))
		}},
		"with the lines of the file's tree": {lines: func(t *testing.T, _, file ledger.Checkpoint) []byte { return both(t, file) }, grow: true, code: "LOG-COSIGNATURE-INVALID"},
	} {
		for _, what := range []string{"profile", "policy"} {
			t.Run(name+", "+what, func(t *testing.T) {
				c := newChanging(t, named)
				c.trust.Witnesses = witnesses
				var index int64
				var opens *statement.Openings
				if what == "profile" {
					index, opens = c.publish(-1, nil)
				} else {
					index = c.log(c.must(statement.NewPolicy(statement.Policy{
						Head: by(competitor), Digest: p.Digest, ID: p.ID, Version: int64(p.Version), Size: int64(len(p.Raw)), MediaType: "application/yaml",
					})), c.rival)
					c.trust.Policy = &ledger.PolicyPin{ID: p.ID, Signer: competitor, Version: 1}
				}
				file, fileTree := c.whole(c.bom5), c.checkpoint()
				file.Checkpoint = append(file.Checkpoint, both(t, fileTree)...)
				if x.grow {
					c.enrol("x:newcomer", signer(t, 71))
				}
				b := c.whole(index)
				b.Checkpoint = append(b.Checkpoint, x.lines(t, c.checkpoint(), fileTree)...)
				var profiles []*receiving.Profile
				var entry *receiving.PolicyEntry
				var err error
				if what == "profile" {
					profiles, err = receiving.OpenProfiles([]*receiving.Bundle{b}, []*statement.Openings{opens}, c.trust)
				} else {
					entry, err = receiving.OpenPolicy(b, c.trust)
				}
				if code(err) != x.code {
					t.Fatalf("opened with %v, want %q", err, x.code)
				}
				if err != nil {
					return
				}
				v := c.check(named, file, func(r *receiving.Request) { r.Policy, r.Profiles, r.PolicyEntry = p, profiles, entry })
				want := ""
				if !x.takes {
					want = map[string]string{"profile": "VERDICT-PROFILE-UNPROVEN=hold", "policy": "VERDICT-POLICY-UNPROVEN=hold"}[what]
				}
				if codesOf(v) != want || v.Rows[2].Outcome != receiving.Pass || want != "" && v.Exit != receiving.ExitStale {
					t.Errorf("%q, %s exit %d, %+v", codesOf(v), v.Verdict, v.Exit, v.Rows[2])
				}
				if what == "profile" && (said(v) == "FFFFFF") != x.takes || what == "policy" && v.Policy.Pinned != x.takes {
					t.Errorf("rules %s, pinned %t", said(v), v.Policy.Pinned)
				}
			})
		}
	}
}
