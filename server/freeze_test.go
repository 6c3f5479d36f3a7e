package server

import (
	"testing"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// TestFreezeOfTheTree: the server offers no freeze of another tree than its own,
// and of what it judged before, the guard takes what is still true.
func TestFreezeOfTheTree(t *testing.T) {
	next := newKey(t, envelope.Ed25519)
	freeze := func(r *running, change func(*statement.Freeze)) (sequencer.Entry, error) {
		head := r.sequence.Head()
		f := statement.Freeze{
			Head: statement.Head{Log: testOrigin, Made: noon}, Size: head.Size, Root: statement.Digest(head.Root),
			Successor: statement.Successor{Origin: "ledger.example/next", Genesis: statement.Digest{1}, Registrar: statement.NewKeySet(1, next.Key())},
		}
		change(&f)
		payload, err := statement.NewFreeze(f)
		return r.judge(t.Context(), form{statement: seals(t, payload, err, r.registrarKey(t), next)})
	}
	same := func(*statement.Freeze) {}
	party := func(r *running) sequencer.Entry {
		key := newKey(t, envelope.Ed25519)
		payload, err := statement.NewParty(partyBody(vendor, key))
		e, err := r.judge(t.Context(), form{statement: seals(t, payload, err, r.registrarKey(t), key)})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, order := range map[string]struct {
		freezeFirst bool
		code        string
	}{
		"frozen before":  {true, "STATE-LOG-FROZEN"},
		"grew meanwhile": {false, "STATE-FREEZE-SIZE"},
	} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, newLedger(t))
			_, err := freeze(r, func(f *statement.Freeze) { f.Root[0] ^= 1 })
			wantCode(t, "another root", err, "STATE-FREEZE-ROOT")
			_, err = freeze(r, func(f *statement.Freeze) { f.Size++ })
			wantCode(t, "a larger tree", err, "STATE-FREEZE-SIZE")
			first := party(r)
			second, err := freeze(r, same)
			if err != nil {
				t.Fatal(err)
			}
			if order.freezeFirst {
				first, second = second, first
			}
			if got, err := r.sequence.Add(t.Context(), first); err != nil || got.Index != 2 {
				t.Fatalf("Add = %+v, %v", got, err)
			}
			_, err = r.sequence.Add(t.Context(), second)
			wantCode(t, name, err, order.code)
			if r.Size() != 3 {
				t.Errorf("%d entries", r.Size())
			}
		})
	}
}
