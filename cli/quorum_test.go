package cli

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// watched is a liar whose trust file demands two witnesses, which sign what a case
// wants, beside honest ones.
type watched struct {
	*liar
	one, two *ledger.Signer
	policy   *ledger.WitnessPolicy
}

func newWatched(t *testing.T, l *liar) *watched {
	t.Helper()
	w := &watched{liar: l}
	var err error
	w.one, err = ledger.NewSigner(ledger.CosignatureV1, "witness.example/one", rand.Reader)
	l.ok(err)
	w.two, err = ledger.NewSigner(ledger.MLDSA44, "witness.example/two", rand.Reader)
	l.ok(err)
	w.policy, err = ledger.ParseWitnessPolicy("witness one " + w.one.VKey() + "\nwitness two " + w.two.VKey() + "\ngroup g all one two\nquorum g\n")
	l.ok(err)
	raw, err := os.ReadFile(l.trust)
	l.ok(err)
	trust, err := ledger.ParseTrust(raw)
	l.ok(err)
	trust.Witnesses = w.policy
	raw, err = trust.Marshal()
	l.ok(err)
	l.trust = l.file("watched.json", raw)
	return w
}

// cosigned is the checkpoint of the first n leaves with the lines of witnesses, of the
// tree of the first of leaves.
func (w *watched) cosigned(n, of int64, by ...*ledger.Signer) []byte {
	w.t.Helper()
	root, err := ledger.TreeRoot(w, of)
	w.ok(err)
	note := w.note(n)
	for _, s := range by {
		line, err := s.Cosign(ledger.Checkpoint{Origin: w.origin, Size: of, Root: root}, w.now)
		w.ok(err)
		note = append(note, line...)
	}
	return note
}

func says(note []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write(note) }
}

// TestMirrorDemandsTheQuorum: what too few witnesses cosigned is not mirrored, at the
// first contact and later; what was stays.
func TestMirrorDemandsTheQuorum(t *testing.T) {
	l, _, _ := mirrored(t)
	w := newWatched(t, l)
	pull := func(note []byte) (int, string) {
		t.Helper()
		code, _, errs := l.copies(newRows(l).serve(t, map[string]http.HandlerFunc{"checkpoint": says(note)}))
		return code, errs
	}
	false6 := w.cosigned(6, 6, w.one, w.two)
	false6[len(false6)-9] ^= 1
	for name, c := range map[string]struct {
		note []byte
		code int
		says string
	}{
		"nobody":                  {l.note(6), exitStale, "LOG-QUORUM-UNMET"},
		"one of two":              {w.cosigned(6, 6, w.two), exitStale, "LOG-QUORUM-UNMET"},
		"both, of a smaller tree": {w.cosigned(6, 5, w.one, w.two), exitUnreachable, "CLI-ANSWER-MALFORMED"},
		"one twice":               {w.cosigned(6, 6, w.one, w.one), exitUnreachable, "CLI-ANSWER-MALFORMED"},
		"one and a bent one":      {false6, exitUnreachable, "CLI-ANSWER-MALFORMED"},
		"both, without the log":   {bytes.Replace(w.cosigned(6, 6, w.one, w.two), []byte(l.origin+" "), []byte("ledger.example/else "), 2), exitUnreachable, "CLI-ANSWER-MALFORMED"},
		"both, and a key too few": {append(l.note(6, l.checkpoints[0]), w.cosigned(6, 6, w.one, w.two)[len(l.note(6)):]...), exitUnreachable, "CLI-ANSWER-MALFORMED"},
	} {
		if code, errs := pull(c.note); code != c.code || !strings.Contains(errs, c.says) || l.served() != "" {
			t.Errorf("%s: exit %d\n%s", name, code, errs)
		}
	}
	first := w.cosigned(6, 6, w.one, w.two)
	if code, errs := pull(first); code != exitDone || l.served() != string(first) {
		t.Fatalf("the quorum: exit %d\n%s", code, errs)
	}
	if code, errs := pull(l.note(6)); code != exitStale || l.served() != string(first) {
		t.Errorf("the same tree without it: exit %d\n%s", code, errs)
	}
	l.add(l.bom(vendorID, relay(t, 3), nil)("vendor"))
	if code, errs := pull(l.note(7)); code != exitStale || l.served() != string(first) {
		t.Errorf("a larger tree without it: exit %d\n%s", code, errs)
	}
	second := w.cosigned(7, 7, w.one, w.two)
	if code, errs := pull(second); code != exitDone || l.served() != string(second) {
		t.Errorf("and with it: exit %d\n%s", code, errs)
	}
	// A fork that witnesses cosigned is still one.
	l.leaves = slices.Clone(l.leaves)
	l.leaves[5] = l.leaves[4]
	if code, errs := pull(w.cosigned(7, 7, w.one, w.two)); code != exitMisbehaved || l.served() != string(second) {
		t.Errorf("a cosigned fork: exit %d\n%s", code, errs)
	}
}

// TestQuorumEverywhere: what each command makes of a log that its witnesses have not
// cosigned, beside one that they have.
func TestQuorumEverywhere(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	w := newWatched(t, l)
	for name, c := range map[string]struct {
		note        []byte
		check, exit int
	}{
		"by both":                 {w.cosigned(5, 5, w.one, w.two), exitDone, exitDone},
		"by nobody":               {l.note(5), exitHold, exitStale},
		"by one":                  {w.cosigned(5, 5, w.one), exitHold, exitStale},
		"both, of a smaller tree": {w.cosigned(5, 4, w.one, w.two), exitReject, exitReject},
	} {
		b := l.bundle(4, 2)
		b.Checkpoint = c.note
		file := l.keep("bill.json", bill, b)
		if code, out, errs := l.asks("check", file); code != c.check {
			t.Errorf("%s: check exits %d\n%s%s", name, code, out, errs)
		}
		if code, out, errs := l.asks("verify", file+".yurai.json"); code != c.exit || (code == exitStale) != strings.Contains(errs, "LOG-QUORUM-UNMET") {
			t.Errorf("%s: verify exits %d\n%s%s", name, code, out, errs)
		}
		if code, out, errs := l.asks("show", "--proof", file+".yurai.json", "-o", filepath.Join(t.TempDir(), "x.tlog-proof")); code != c.exit {
			t.Errorf("%s: show --proof exits %d\n%s%s", name, code, out, errs)
		}
		text, err := ledger.FormatProof(ledger.Proof{Index: 4, Hashes: b.Statement.Proof, Extra: b.Statement.Leaf, Note: c.note})
		l.ok(err)
		if code, out, errs := l.asks("verify", l.file("text.tlog-proof", text)); code != c.exit {
			t.Errorf("%s: verify of a proof exits %d\n%s%s", name, code, out, errs)
		}
		url := l.serve(nil, map[string]http.HandlerFunc{"/checkpoint": says(c.note)})
		if code, out, errs := l.asks("audit", url, "--state", filepath.Join(t.TempDir(), "m.json")); code != c.exit {
			t.Errorf("%s: audit exits %d\n%s%s", name, code, out, errs)
		}
	}
}

// TestRenewedWithoutTheQuorum: a newer bundle that nobody cosigned takes the place of
// one that was, since it may tell of a ban, and accepts nothing; one of the same tree
// does not, nor one of another history.
func TestRenewedWithoutTheQuorum(t *testing.T) {
	l := newLiar(t)
	bill := relay(t, 1)
	l.add(l.bom(vendorID, bill, nil)("vendor"))
	w := newWatched(t, l)
	both := func(index int64, concern ...int64) *receiving.Bundle {
		b := l.bundle(index, concern...)
		b.Checkpoint = w.cosigned(int64(len(l.leaves)), int64(len(l.leaves)), w.one, w.two)
		return b
	}
	file := l.keep("bill.json", bill, both(4, 2))
	held := func() string {
		raw, err := os.ReadFile(file + ".yurai.json")
		l.ok(err)
		return string(raw)
	}
	was := held()
	url := l.serve(map[int64][]int64{4: {2}}, nil)
	if code, out, errs := l.asks("fetch", file, "--server", url); code != exitUnreachable || !strings.Contains(errs, "CLI-BUNDLE-OLDER") || held() != was {
		t.Errorf("the same tree: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := l.asks("check", file, "--server", url); code != exitDone {
		t.Errorf("check with the same tree: exit %d\n%s%s", code, out, errs)
	}
	// Another history of one more entry.
	fork := l.branch(4)
	fork.add(l.bom(vendorID, bill, func(b *statement.BOM) { b.Made = l.now.Add(time.Second) })("vendor"))
	fork.add(l.bom(vendorID, relay(t, 2), nil)("vendor"))
	forked := fork.serve(map[int64][]int64{4: {2}, 5: {2}}, nil)
	if code, out, errs := l.asks("fetch", file, "--server", forked, "--state", filepath.Join(t.TempDir(), "m.json")); code != exitMisbehaved || held() != was {
		t.Errorf("another history: exit %d\n%s%s", code, out, errs)
	}
	// The vendor takes it back, and the witnesses are away.
	l.add(l.withdraws(vendorID, 4)("vendor"))
	url = l.serve(map[int64][]int64{4: {2, 5}}, nil)
	for range 2 {
		if code, out, errs := l.asks("check", file, "--server", url); code != exitHold || !strings.Contains(out, "STATE-BOM-WITHDRAWN") || !strings.Contains(out, "LOG-QUORUM-UNMET") {
			t.Errorf("withdrawn: check exits %d\n%s%s", code, out, errs)
		}
		if code, out, errs := l.asks("fetch", file, "--server", url); code != exitDone || held() == was {
			t.Errorf("withdrawn: fetch exits %d\n%s%s", code, out, errs)
		}
	}
}
