package receiving_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// second is version 2 of the world's trust file.
func (w *world) second(change func(*ledger.Trust)) []byte {
	w.t.Helper()
	next := *w.trust
	next.Version, next.Expires = 2, made.AddDate(2, 0, 0)
	if change != nil {
		change(&next)
	}
	raw, err := next.Marshal()
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (w *world) update(trust []byte, signers ...*envelope.Signer) *receiving.Update {
	w.t.Helper()
	if signers == nil {
		signers = []*envelope.Signer{w.registrar}
	}
	u, err := receiving.NewUpdate(trust, w.leaves[0], made, signers...)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

func TestUpdateGolden(t *testing.T) {
	w := newWorld(t, origin, 0)
	raw, err := w.update(w.second(nil)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "update.json", raw)
	published, err := os.ReadFile(filepath.Join("testdata", "update.json"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := receiving.ParseUpdate(published)
	if err != nil {
		t.Fatal(err)
	}
	next, err := u.Apply(w.trust, now)
	if err != nil || next.Version != 2 || !next.Expires.Equal(made.AddDate(2, 0, 0)) {
		t.Errorf("%+v, %v", next, err)
	}
}

// TestUpdates: what a trust file is replaced by, and what it is not.
func TestUpdates(t *testing.T) {
	w := newWorld(t, origin, 0)
	other := newWorld(t, "ledger.example/other", 60)
	twin := newWorld(t, origin, 70) // of the same name
	dsse := func(payload []byte, err error) []byte {
		return w.must(envelope.Sign(envelope.PayloadType, w.must(payload, err), w.registrar))
	}
	grown := func(u *receiving.Update) {
		note, err := ledger.SignCheckpoint(w.checkpoint(), made, w.checkpoints...)
		if err != nil {
			t.Fatal(err)
		}
		u.Checkpoint, u.History = note, []receiving.Entry{w.entry(0), w.entry(1)}
	}
	const untrue = "TRUST-UPDATE-FALSE"
	for name, c := range map[string]struct {
		trust  func(*ledger.Trust)
		change func(u *receiving.Update)
		at     time.Time
		want   string
	}{
		"the next version":            {nil, nil, now, ""},
		"after the old one's end":     {nil, nil, made.AddDate(1, 1, 0), ""},
		"with one more log":           {func(n *ledger.Trust) { n.Logs = append(n.Logs[:1:1], other.trust.Logs...) }, nil, now, ""},
		"with a policy":               {func(n *ledger.Trust) { n.Policy = &ledger.PolicyPin{ID: "demo", Version: 3} }, nil, now, ""},
		"with more of the history":    {nil, grown, now, ""},
		"the same version":            {func(n *ledger.Trust) { n.Version = 1 }, nil, now, "TRUST-UPDATE-OLDER"},
		"two versions on":             {func(n *ledger.Trust) { n.Version = 3 }, nil, now, "TRUST-UPDATE-GAP"},
		"ended":                       {nil, nil, made.AddDate(2, 0, 0), "TRUST-UPDATE-EXPIRED"},
		"another log in its place":    {nil, func(u *receiving.Update) { *u = *other.update(other.second(nil)) }, now, "TRUST-LOG-UNKNOWN"},
		"a log of the same name":      {nil, func(u *receiving.Update) { *u = *twin.update(twin.second(nil)) }, now, untrue},
		"a twin signed by ours":       {nil, func(u *receiving.Update) { u.Trust = twin.second(nil) }, now, untrue},
		"other bytes":                 {nil, func(u *receiving.Update) { u.Trust = append(u.Trust, '\n') }, now, untrue},
		"no trust file":               {nil, func(u *receiving.Update) { u.Trust = []byte("{}") }, now, "TRUST-UPDATE-MALFORMED"},
		"signed by the log":           {nil, func(u *receiving.Update) { *u = *w.update(u.Trust, w.service) }, now, untrue},
		"signed by a vendor":          {nil, func(u *receiving.Update) { *u = *w.update(u.Trust, w.vendor) }, now, untrue},
		"signed by a vendor as well":  {nil, func(u *receiving.Update) { *u = *w.update(u.Trust, w.registrar, w.vendor) }, now, untrue},
		"signed by another registrar": {nil, func(u *receiving.Update) { *u = *w.update(u.Trust, other.registrar) }, now, untrue},
		"an admission in its place":   {nil, func(u *receiving.Update) { u.Statement = w.leaves[1] }, now, untrue},
		"a statement for another log": {nil, func(u *receiving.Update) {
			digest := ledger.Hash{}
			if n, err := ledger.ParseTrust(u.Trust); err == nil {
				digest = n.Digest
			}
			u.Statement = dsse(statement.NewTrust(statement.Trust{Head: statement.Head{Log: other.origin, Made: made}, File: statement.Digest(digest)}))
		}, now, untrue},
		"another genesis":            {nil, func(u *receiving.Update) { u.History[0].Leaf = twin.leaves[0] }, now, untrue},
		"an entry without its proof": {nil, func(u *receiving.Update) { grown(u); u.History[1].Proof = nil }, now, untrue},
		"a checkpoint of one key": {nil, func(u *receiving.Update) {
			grown(u)
			u.Checkpoint = w.must(ledger.SignCheckpoint(w.checkpoint(), made, w.checkpoints[0]))
		}, now, untrue},
		"the log's genesis exchanged": {func(n *ledger.Trust) {
			n.Logs = append([]ledger.TrustedLog{}, other.trust.Logs...)
		}, func(u *receiving.Update) { *u = *other.update(u.Trust); u.Log = w.origin }, now, untrue},
	} {
		trust := w.second(c.trust)
		u := &receiving.Update{Trust: trust}
		if name != "the log's genesis exchanged" {
			u = w.update(trust)
		}
		if c.change != nil {
			c.change(u)
		}
		if _, err := u.Apply(w.trust, c.at); code(err) != c.want {
			t.Errorf("%s: %v [%s], want %s", name, err, code(err), c.want)
		}
	}
}

// TestUpdateKeepsLogs: no registrar takes away, or changes, a log of the file.
func TestUpdateKeepsLogs(t *testing.T) {
	w, other := newWorld(t, origin, 0), newWorld(t, "ledger.example/other", 60)
	twin := newWorld(t, "ledger.example/other", 80)
	both := *w.trust
	both.Logs = append(both.Logs[:1:1], other.trust.Logs...)
	for name, logs := range map[string][]ledger.TrustedLog{
		"one taken away":      w.trust.Logs,
		"one put for another": append(w.trust.Logs[:1:1], twin.trust.Logs...),
		"one with fewer keys": append(w.trust.Logs[:1:1], ledger.TrustedLog{Origin: other.origin, Genesis: other.trust.Logs[0].Genesis, Keys: other.trust.Logs[0].Keys[:1]}),
	} {
		u := w.update(w.second(func(n *ledger.Trust) { n.Logs = logs }))
		if _, err := u.Apply(&both, now); code(err) != "TRUST-UPDATE-LOGS" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUpdateMakers: the registrar makes no update that nobody could apply, and
// signatures are added one after the other.
func TestUpdateMakers(t *testing.T) {
	w, other := newWorld(t, origin, 0), newWorld(t, "ledger.example/other", 60)
	if _, err := receiving.NewUpdate(w.second(nil), other.leaves[0], made, w.registrar); code(err) != "TRUST-FINGERPRINT-OTHER" {
		t.Errorf("another log's genesis: %v", err)
	}
	if _, err := receiving.NewUpdate(w.second(nil), w.leaves[1], made, w.registrar); code(err) != "STATE-GENESIS-MISSING" {
		t.Errorf("an admission: %v", err)
	}
	if _, err := receiving.NewUpdate([]byte("{}"), w.leaves[0], made, w.registrar); code(err) != "TRUST-FORMAT-UNKNOWN" {
		t.Errorf("no trust file: %v", err)
	}
	u := w.update(w.second(nil), w.vendor)
	if _, err := u.Apply(w.trust, now); code(err) != "TRUST-UPDATE-FALSE" {
		t.Errorf("a vendor alone: %v", err)
	}
	u = w.update(w.second(nil))
	once := string(u.Statement)
	if err := u.Sign(w.registrar); err != nil || string(u.Statement) != once {
		t.Errorf("the same signature again: %v", err)
	}
	if _, err := receiving.TrustGenesis(w.leaves[1]); err == nil {
		t.Error("an admission founds a log")
	}
	log, err := receiving.TrustGenesis(w.leaves[0])
	if err != nil || log.Genesis != w.trust.Logs[0].Genesis || len(log.Keys) != 2 {
		t.Errorf("%+v, %v", log, err)
	}
}

// TestUpdateThreshold: where two of the registrar's keys have to sign, one is not
// enough, and the second can be added later.
func TestUpdateThreshold(t *testing.T) {
	w := newWorld(t, origin, 0)
	second := signer(t, 33)
	var vkeys []string
	for _, s := range w.checkpoints {
		vkeys = append(vkeys, s.VKey())
	}
	w.leaves[0] = w.must(envelope.Sign(envelope.PayloadType, w.must(statement.NewGenesis(statement.Genesis{
		Head: statement.Head{Log: origin, Made: made}, Checkpoint: vkeys, Rules: statement.Rules,
		Parties: statement.Founders{Registrar: statement.NewKeySet(2, w.registrar.Key(), second.Key()), Log: statement.NewKeySet(1, w.service.Key())},
	})), w.registrar, second))
	w.trust.Logs[0].Genesis = ledger.LeafHash(w.leaves[0])
	u := w.update(w.second(nil))
	if _, err := u.Apply(w.trust, now); code(err) != "TRUST-UPDATE-FALSE" {
		t.Errorf("one of two: %v", err)
	}
	if err := u.Sign(second); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Apply(w.trust, now); err != nil {
		t.Errorf("both: %v", err)
	}
}

func TestMalformedUpdates(t *testing.T) {
	w := newWorld(t, origin, 0)
	raw, err := w.update(w.second(nil)).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new string }{
		"a newer number":    {"update/1", "update/2"},
		"a member too many": {`"log"`, `"note": 1, "log"`},
		"a member twice":    {`"log"`, `"log": "x", "log"`},
		"no history":        {`"history": [`, `"history": [], "x": [`},
		"another base64":    {`"statement": "ey`, `"statement": "ey=`},
		"not from genesis":  {`"index": 0`, `"index": 1`},
	} {
		bent := strings.Replace(string(raw), c.old, c.new, 1)
		if bent == string(raw) {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := receiving.ParseUpdate([]byte(bent)); code(err) != "TRUST-UPDATE-MALFORMED" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzUpdate: what is accepted is written back as the same.
func FuzzUpdate(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "update.json"))
	if err != nil || len(raw) == 0 {
		f.Fatalf("no seed: %v", err)
	}
	f.Add(raw)
	f.Add([]byte(strings.Replace(string(raw), "ledger.example", "ledger.exxmple", 1)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		u, err := receiving.ParseUpdate(raw)
		if err != nil {
			if code(err) != "TRUST-UPDATE-MALFORMED" {
				t.Fatalf("error %v", err)
			}
			return
		}
		once, err := u.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := receiving.ParseUpdate(once)
		if err != nil {
			t.Fatalf("%s is written and not read: %v", once, err)
		}
		if two, err := again.Marshal(); err != nil || string(once) != string(two) {
			t.Fatalf("%s becomes %s", once, two)
		}
	})
}

// rotated is the world whose registrar took new keys, two of two, and a bundle of
// the vendor's that is newer than that.
func rotated(t *testing.T) (w *world, fresh []*envelope.Signer, b *receiving.Bundle) {
	t.Helper()
	w = newWorldTaking(t, origin, 0, statement.Admissible()...)
	fresh = []*envelope.Signer{signer(t, 34), signer(t, 35)}
	w.leaves = append(w.leaves, w.must(envelope.Sign(envelope.PayloadType, w.must(statement.NewKeys(statement.Keys{
		Head:   statement.Head{Log: origin, Party: []string{statement.Registrar}, Made: made},
		KeySet: statement.NewKeySet(2, fresh[0].Key(), fresh[1].Key()),
	})), w.registrar, fresh[0], fresh[1])))
	note, err := ledger.SignCheckpoint(w.checkpoint(), made, w.checkpoints...)
	if err != nil {
		t.Fatal(err)
	}
	b = &receiving.Bundle{Log: origin, Checkpoint: note, Statement: w.entry(0)}
	for i := 1; i < len(w.leaves); i++ {
		b.History = append(b.History, w.entry(int64(i)))
	}
	return w, fresh, b
}

// TestUpdateAfterRotation: the new keys sign, by the threshold, where the rotation
// is proven, and the old ones do not.
func TestUpdateAfterRotation(t *testing.T) {
	w, fresh, b := rotated(t)
	last := len(w.leaves) - 1
	rest := func(u *receiving.Update) {
		t.Helper()
		if err := u.Rest(b); err != nil {
			t.Fatal(err)
		}
	}
	const untrue = "TRUST-UPDATE-FALSE"
	for name, c := range map[string]struct {
		signers []*envelope.Signer
		change  func(u *receiving.Update)
		want    string
	}{
		"the new keys":                      {fresh, rest, ""},
		"one of the new keys":               {fresh[:1], rest, untrue},
		"the old key":                       {[]*envelope.Signer{w.registrar}, rest, untrue},
		"the old key and a new one":         {[]*envelope.Signer{w.registrar, fresh[0]}, rest, untrue},
		"the new keys without the rotation": {fresh, nil, untrue},
		"the new keys, the rotation left out": {fresh, func(u *receiving.Update) {
			rest(u)
			u.History = u.History[:len(u.History)-1]
		}, untrue},
		"the rotation without its proof": {fresh, func(u *receiving.Update) {
			rest(u)
			u.History[len(u.History)-1].Proof = nil
		}, untrue},
		"the rotation without the admission": {fresh, func(u *receiving.Update) {
			rest(u)
			u.History = append(u.History[:1:1], u.History[2:]...)
		}, untrue},
		// What only [receiving.Update.Stands] tells.
		"the old key, the rotation left out": {[]*envelope.Signer{w.registrar}, nil, ""},
	} {
		u := w.update(w.second(nil), c.signers...)
		if c.change != nil {
			c.change(u)
		}
		if _, err := u.Apply(w.trust, now); code(err) != c.want {
			t.Errorf("%s: %v [%s], want %s", name, err, code(err), c.want)
		}
	}
	u := w.update(w.second(nil), fresh...)
	rest(u)
	for i, e := range u.History {
		if want := []int64{0, 1, int64(last)}[i]; e.Index != want {
			t.Errorf("the update rests on entry %d, want %d", e.Index, want)
		}
	}
	raw, err := u.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if u, err = receiving.ParseUpdate(raw); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Apply(w.trust, now); err != nil {
		t.Errorf("written and read: %v", err)
	}
	twin := newWorld(t, origin, 70)
	if err := twin.update(twin.second(nil)).Rest(b); code(err) != "TRUST-FINGERPRINT-OTHER" {
		t.Errorf("a bundle of a log of the same name: %v", err)
	}
}

// TestUpdateStands: whoever knows of a rotation or revocation is not deceived by an
// update that leaves it out.
func TestUpdateStands(t *testing.T) {
	w, fresh, b := rotated(t)
	history := registry.NewHistory(origin)
	for i, leaf := range w.leaves {
		p, err := history.State().OpenLeaf(leaf)
		if err == nil {
			err = history.Apply(int64(i), p)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	size := int64(len(w.leaves))
	for name, c := range map[string]struct {
		signers []*envelope.Signer
		size    int64
		want    string
	}{
		"the new keys":                {fresh, size, ""},
		"one of the new keys":         {fresh[:1], size, "TRUST-UPDATE-KEYS"},
		"the old key":                 {[]*envelope.Signer{w.registrar}, size, "TRUST-UPDATE-KEYS"},
		"a vendor":                    {[]*envelope.Signer{w.vendor}, size, "TRUST-UPDATE-KEYS"},
		"the old key, before":         {[]*envelope.Signer{w.registrar}, size - 1, ""},
		"the new keys, not there yet": {fresh, size - 1, "TRUST-UPDATE-KEYS"},
	} {
		u := w.update(w.second(nil), c.signers...)
		if err := u.Rest(b); err != nil {
			t.Fatal(err)
		}
		if err := u.Stands(history.State(), c.size); code(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
