package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/index"
)

// The terms of an entry: what its leaf, which is public, says that it is found
// by. Those by which bundles are put together, but for the digest, are of one
// party. Neither a party id, a serial number nor a kind contains a zero byte.

func termDigest(d statement.Digest) index.Term {
	return index.Term{Kind: index.BOMDigest, Value: d[:]}
}

func termOwn(party string, d statement.Digest) index.Term {
	return index.Term{Kind: index.BOMOwn, Value: append([]byte(party+"\x00"), d[:]...)}
}

// termNumber is what no two BOMs of one party share.
func termNumber(party string, said *statement.BOM) index.Term {
	return index.Term{Kind: index.BOMNumber, Value: []byte(party + "\x00" + said.SerialNumber + "\x00" + strconv.FormatInt(said.Version, 10))}
}

func termSupersedes(party string, at int64) index.Term {
	return index.Term{Kind: index.BOMSupersedes, Value: binary.BigEndian.AppendUint64([]byte(party+"\x00"), uint64(at))}
}

// termWithdraws is of who withdraws too: no party makes another's bundles longer.
func termWithdraws(party string, at int64) index.Term {
	return index.Term{Kind: index.Withdraws, Value: binary.BigEndian.AppendUint64([]byte(party+"\x00"), uint64(at))}
}

// termSaid is what statements of a kind say in these bytes.
func termSaid(of index.Kind, kind statement.Kind, value string) index.Term {
	return index.Term{Kind: of, Value: []byte(string(kind) + "\x00" + value)}
}

// termNamed is what statements of a kind call by a name, however it is written.
func termNamed(of index.Kind, kind statement.Kind, name string) index.Term {
	return termSaid(of, kind, nameKey(name))
}

// termSaidPart is a part of a maker, "" if none is stated.
func termSaidPart(kind statement.Kind, maker, part string) index.Term {
	return termSaid(index.SaidMakerPart, kind, nameKey(maker)+nameKey(part))
}

func termSaidEntry(kind statement.Kind, at int64) index.Term {
	return termSaid(index.SaidEntry, kind, strconv.FormatInt(at, 10))
}

// Terms inside a BOM.

func termInside(of index.Kind, name string) index.Term {
	return index.Term{Kind: of, Value: []byte(nameKey(name))}
}

// termInsidePart is a part of a maker, "" if none is stated. Both keys have one
// length, so that no part of one is read as of the other.
func termInsidePart(maker, part string) index.Term {
	return index.Term{Kind: index.InsideMakerPart, Value: []byte(nameKey(maker) + nameKey(part))}
}

func termInsideDigest(d statement.Digest) index.Term {
	return index.Term{Kind: index.InsideDigest, Value: d[:]}
}

var (
	termHidden  = index.Term{Kind: index.SaidHidden}
	termHeld    = index.Term{Kind: index.InsideHeld}
	termUnread  = index.Term{Kind: index.InsideUnread}
	termMissing = index.Term{Kind: index.InsideMissing}
)

func equalTerms(a, b index.Term) bool { return a.Kind == b.Kind && bytes.Equal(a.Value, b.Value) }

// nameKey returns the key of a name: SHA-256 of its folded form.
func nameKey(name string) string {
	sum := sha256.Sum256([]byte(sbom.FoldName(name)))
	return string(sum[:])
}

// longestName is the most bytes of a name that is alike to one that can be asked
// for: of letters that differ in case only, one has at most three times the bytes
// of another.
const longestName = 3 * maxTermText

// findable reports whether a name can be asked for. Outer blanks do not count.
func findable(name string) bool {
	return name != "" && len(strings.TrimSpace(name)) <= longestName
}

// Terms returns what the index finds an entry by, as its statement says it.
func Terms(st *statement.Statement) []index.Term {
	said, _ := st.Body.(*statement.BOM)
	return (&foundEntry{party: st.Actor(), statement: st, said: said}).terms()
}

// terms returns the terms of the entry.
func (e *foundEntry) terms() []index.Term {
	kind := e.statement.Kind
	list := []index.Term{termSaid(index.SaidKind, kind, "")}
	for _, who := range e.statement.Party {
		list = append(list, termSaid(index.SaidParty, kind, who))
	}
	about := func(id string) { list = append(list, termSaid(index.SaidAbout, kind, id)) }
	digest := func(d statement.Digest) {
		if !d.IsZero() {
			list = append(list, termSaid(index.SaidDigest, kind, string(d[:])))
		}
	}
	switch body := e.statement.Body.(type) {
	case *statement.BOM:
		return append(list, e.bomTerms()...)
	case *statement.Party:
		about(body.ID)
		for _, id := range body.Identifiers {
			about(id)
		}
		list = append(list, termNamed(index.SaidName, kind, body.Name))
		for _, role := range body.Roles {
			list = append(list, termSaid(index.SaidRole, kind, role))
		}
	case *statement.Keys, *statement.Delegate:
		about(e.party)
	case *statement.Revoke:
		about(body.Of)
	case *statement.Suspend:
		about(body.About)
	case *statement.Withdraw:
		list = append(list, termWithdraws(e.party, body.Position.Index), termSaidEntry(kind, body.Position.Index))
	case *statement.Advisory:
		list = append(list, selectorTerms(body.Selector)...)
		digest(body.Selector.Digest)
	case *statement.List:
		list = append(list, termNamed(index.SaidName, kind, body.ID))
		digest(body.Digest)
	case *statement.Attestation:
		if body.About != "" {
			about(body.About)
		}
		digest(body.Digest)
	case *statement.Policy:
		list = append(list, termNamed(index.SaidName, kind, body.ID))
		digest(body.Digest)
	case *statement.Verdict:
		digest(body.Digest)
	case *statement.Decision:
		digest(body.Verdict)
		if body.Position != nil {
			list = append(list, termSaidEntry(kind, body.Position.Index))
		}
	case *statement.Profile:
		about(e.party)
	}
	return list
}

// selectorTerms returns the terms of what an advisory selects, but the digest.
func selectorTerms(s statement.Selector) (list []index.Term) {
	const kind = statement.KindAdvisory
	if s.Party != "" {
		list = append(list, termSaid(index.SaidAbout, kind, s.Party))
	}
	if s.Product != "" {
		list = append(list, termNamed(index.SaidProduct, kind, s.Product))
	}
	if s.Part != nil {
		list = append(list, termNamed(index.SaidPart, kind, s.Part.Part), termSaidPart(kind, s.Part.Maker, s.Part.Part))
	}
	return list
}

// bomTerms returns the terms of a BOM's entry beside its kind and party. A BOM
// without serial number has no number that another could take. The guard sees to
// it that a position is in this log.
func (e *foundEntry) bomTerms() []index.Term {
	const kind = statement.KindBOM
	list := []index.Term{termDigest(e.said.Digest), termOwn(e.party, e.said.Digest), termSaid(index.SaidAbout, kind, e.party)}
	if e.said.SerialNumber != "" {
		list = append(list, termNumber(e.party, e.said), termSaid(index.SaidSerial, kind, e.said.SerialNumber))
	}
	if p := e.said.Product; e.hidden() {
		list = append(list, termHidden)
	} else if p != nil {
		if p.Maker != "" && p.Maker != e.party {
			list = append(list, termSaid(index.SaidAbout, kind, p.Maker))
		}
		for _, name := range []string{p.Name, p.GTIN, p.CPE, p.PURL} {
			if findable(name) {
				list = append(list, termNamed(index.SaidProduct, kind, name))
			}
		}
	}
	if s := e.said.Supersedes; s != nil {
		list = append(list, termSupersedes(e.party, s.Position.Index), termSaidEntry(kind, s.Position.Index))
	}
	return list
}

// hidden reports whether a commitment hides the product of a BOM's entry.
func (e *foundEntry) hidden() bool {
	return e.said != nil && e.said.Product != nil && !e.said.Product.Commit.IsZero()
}
