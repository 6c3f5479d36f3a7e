package statement

import (
	"slices"
	"time"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// Keys is the rotation of the keys of a party, of the registrar or of the log.
// It shares its object with party statements.
type Keys struct {
	Head
	KeySet KeySet `json:"keySet"` // in the place of the one before
}

// Delegate lets another key sign in a party's name.
type Delegate struct {
	Head
	Key   envelope.Key `json:"key"`
	Scope Scope        `json:"scope"`
	End   time.Time    `json:"end"` // last second in which the delegate may sign
}

// Scope is what a delegate may sign.
type Scope struct {
	Kinds    []Kind   `json:"kinds"`             // bom; ascending
	Products []string `json:"products,omitzero"` // names of products; absent = all; ascending
}

// Covers reports whether a delegate with this scope may sign the bom. Where the
// scope names products, the name has to be there to be read.
func (s Scope) Covers(b *BOM) bool {
	if !slices.Contains(s.Kinds, KindBOM) {
		return false
	}
	return s.Products == nil || b.Product != nil && slices.Contains(s.Products, b.Product.Name)
}

// Revoke takes a key, a delegate or a whole party away, from an index on.
type Revoke struct {
	Head
	Target      string `json:"target"`               // key, delegate or party
	Of          string `json:"of"`                   // whose: a party id; registrar or log too for a key
	Key         string `json:"key,omitzero"`         // id of the key; absent for a party
	Reason      string `json:"reason"`               // ceased, compromise or retired
	InvalidFrom *int64 `json:"invalidFrom,omitzero"` // index from which it counts for nothing; nil = the revocation's own
}

// Suspend holds what a party signs until it is lifted.
type Suspend struct {
	Head
	About  string `json:"about"`           // party id
	Lifted bool   `json:"lifted,omitzero"` // ends the suspension
	Reason string `json:"reason"`          // free text
}

// Withdraw takes an entry back: a bom, an advisory or an attestation.
type Withdraw struct {
	Head
	Position Position `json:"position"`
	Reason   string   `json:"reason"` // free text
}

// Kind returns keys.
func (*Keys) Kind() Kind { return KindKeys }

// Kind returns delegate.
func (*Delegate) Kind() Kind { return KindDelegate }

// Kind returns revoke.
func (*Revoke) Kind() Kind { return KindRevoke }

// Kind returns suspend.
func (*Suspend) Kind() Kind { return KindSuspend }

// Kind returns withdraw.
func (*Withdraw) Kind() Kind { return KindWithdraw }

func (k *Keys) subject() Digest {
	if len(k.Party) == 0 {
		return Digest{}
	}
	return digestOf(k.Party[0])
}

func (d *Delegate) subject() Digest {
	id, _ := parseHex(d.Key.ID())
	return id
}

func (r *Revoke) subject() Digest {
	if r.Target == TargetParty {
		return digestOf(r.Of)
	}
	id, _ := parseHex(r.Key)
	return id
}

func (s *Suspend) subject() Digest  { return digestOf(s.About) }
func (w *Withdraw) subject() Digest { return digestOf(w.Log) }

func (*Keys) setSubject(Digest)     {}
func (*Delegate) setSubject(Digest) {}
func (*Revoke) setSubject(Digest)   {}
func (*Suspend) setSubject(Digest)  {}
func (*Withdraw) setSubject(Digest) {}

// checkActor judges the members that all kinds share where one party acts, which
// may also be one of the reserved words.
func (h *Head) checkActor(kind Kind, reserved ...string) *sbom.Refusal {
	if len(h.Party) != 1 {
		return refuseMember("party is not the one party that acts").At("/party", 0)
	}
	if !slices.Contains(reserved, h.Party[0]) {
		if err := CheckParty(h.Party[0]); err != nil {
			return at(err, "/party/0")
		}
	}
	return h.check(kind, h.Party[0])
}

func (k *Keys) check() *sbom.Refusal {
	if r := k.checkActor(KindKeys, Registrar, Log); r != nil {
		return r
	}
	if k.Prev.IsZero() && k.Party[0] != Registrar && k.Party[0] != Log {
		return refuseMember("a party's rotation has a prev: its enrolment, if nothing later").At("/prev", 0)
	}
	return place(k.KeySet.check("keySet"), "/keySet")
}

func (d *Delegate) check() *sbom.Refusal {
	if r := d.checkActor(KindDelegate); r != nil {
		return r
	}
	if d.Key.IsZero() {
		return refuseMember("key is missing").At("/key", 0)
	}
	kinds := make([]string, 0, len(d.Scope.Kinds))
	for _, k := range d.Scope.Kinds {
		if k != KindBOM {
			return refuseWord("kind", string(k), "/scope/kinds")
		}
		kinds = append(kinds, string(k))
	}
	if len(kinds) == 0 {
		return refuseMember("the scope has no kind").At("/scope/kinds", 0)
	}
	if r := checkList("kinds", kinds, MaxList); r != nil {
		return r.At("/scope/kinds", 0)
	}
	for _, p := range d.Scope.Products {
		if p == "" {
			return refuseMember("a product has no name").At("/scope/products", 0)
		}
		if r := checkCopied("a product", p); r != nil {
			return r.At("/scope/products", 0)
		}
	}
	if r := checkList("products", d.Scope.Products, MaxList); r != nil {
		return r.At("/scope/products", 0)
	}
	return checkInstant("end", d.End)
}

// checkInstant refuses a time that is missing or has no text form.
func checkInstant(name string, t time.Time) *sbom.Refusal {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return refuseMember("%s is missing", name).At("/"+name, 0)
	}
	return nil
}

func (r *Revoke) check() *sbom.Refusal {
	if x := r.checkActor(KindRevoke, Registrar, Log); x != nil {
		return x
	}
	if x := targets.check("target", r.Target); x != nil {
		return x.At("/target", 0)
	}
	if r.Target != TargetKey || r.Of != Registrar && r.Of != Log {
		if err := CheckParty(r.Of); err != nil {
			return at(err, "/of")
		}
	}
	if r.Party[0] != r.Of && r.Party[0] != Registrar {
		return refuseMember("what is of %s is revoked by it or by the registrar", clip(r.Of)).At("/party", 0)
	}
	if r.Target == TargetParty {
		if r.Key != "" {
			return refuseMember("a whole party is revoked without a key").At("/key", 0)
		}
	} else if _, ok := parseHex(r.Key); !ok {
		return refuseMember("key %q is not the id of a key", clip(r.Key)).At("/key", 0)
	}
	if x := revocations.check("reason", r.Reason); x != nil {
		return x.At("/reason", 0)
	}
	if n := r.InvalidFrom; n != nil && (*n < 0 || *n > maxInteger) {
		return refuseMember("invalidFrom is not an index").At("/invalidFrom", 0)
	}
	return nil
}

func (s *Suspend) check() *sbom.Refusal {
	if err := CheckParty(s.About); err != nil {
		return at(err, "/about")
	}
	if r := s.checkActor(KindSuspend, Registrar); r != nil {
		return r
	}
	if s.Lifted && s.Prev.IsZero() {
		return refuseMember("what lifts a suspension has a prev").At("/prev", 0)
	}
	return place(checkText("reason", s.Reason, MaxNote, true), "/reason")
}

func (w *Withdraw) check() *sbom.Refusal {
	if r := w.checkActor(KindWithdraw, Registrar); r != nil {
		return r
	}
	if r := w.Position.check(); r != nil {
		return r.At("/position"+r.Pointer, 0)
	}
	return place(checkText("reason", w.Reason, MaxNote, true), "/reason")
}

// check judges a position; its places are relative.
func (p Position) check() *sbom.Refusal {
	if err := CheckOrigin(p.Log); err != nil {
		return at(err, "/log")
	}
	if p.Index < 0 || p.Index > maxInteger {
		return refuseMember("the position has no index").At("/index", 0)
	}
	return nil
}
