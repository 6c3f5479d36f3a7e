package statement

import "github.com/yurai-ledger/yurai/sbom"

// Freeze ends a log: nothing comes after it, and a successor goes on. Both
// registrars sign it.
type Freeze struct {
	Head
	Size      int64     `json:"size"` // of the tree that it ends, in leaves: the freeze's own index
	Root      Digest    `json:"root"` // of the tree at that size
	Successor Successor `json:"successor"`
}

// Successor is the log that goes on where a frozen one ends.
type Successor struct {
	Origin    string `json:"origin"`
	Genesis   Digest `json:"genesis"`   // leaf hash of its entry 0
	Registrar KeySet `json:"registrar"` // its registrar's keys by that genesis
}

// Predecessor is a tree of the log that a new one follows on.
type Predecessor struct {
	Origin  string `json:"origin"`
	Genesis Digest `json:"genesis"` // leaf hash of its entry 0
	Size    int64  `json:"size"`    // of a tree of it, in leaves: at most that which its freeze ends
	Root    Digest `json:"root"`    // of the tree at that size
}

// NewFreeze returns the payload of a freeze. Party is filled in, keys are sorted.
func NewFreeze(f Freeze) ([]byte, error) {
	f.Party = []string{Registrar}
	f.Successor.Registrar = NewKeySet(int(f.Successor.Registrar.Threshold), f.Successor.Registrar.Keys...)
	return build(&f)
}

// Kind returns freeze.
func (*Freeze) Kind() Kind { return KindFreeze }

func (f *Freeze) subject() Digest { return digestOf(f.Log) }
func (*Freeze) setSubject(Digest) {}

func (f *Freeze) check() *sbom.Refusal {
	if r := f.Head.check(KindFreeze, Registrar); r != nil {
		return r
	}
	if r := checkTree(f.Size, f.Root); r != nil {
		return r
	}
	if r := checkOther(f.Log, f.Successor.Origin, f.Successor.Genesis); r != nil {
		return r.At("/successor"+r.Pointer, 0)
	}
	return place(f.Successor.Registrar.check("successor.registrar"), "/successor/registrar")
}

func (p *Predecessor) check(log string) *sbom.Refusal {
	if r := checkOther(log, p.Origin, p.Genesis); r != nil {
		return r
	}
	return checkTree(p.Size, p.Root)
}

// checkTree refuses what is no tree with entries.
func checkTree(size int64, root Digest) *sbom.Refusal {
	if size < 1 || size > maxInteger {
		return refuseMember("size is not that of a log with entries").At("/size", 0)
	}
	if root.IsZero() {
		return refuseMember("root is missing").At("/root", 0)
	}
	return nil
}

// checkOther refuses what names no log, or this one.
func checkOther(log, origin string, genesis Digest) *sbom.Refusal {
	if err := CheckOrigin(origin); err != nil {
		return at(err, "/origin")
	}
	if origin == log {
		return refuseMember("a log does not follow on itself").At("/origin", 0)
	}
	if genesis.IsZero() {
		return refuseMember("genesis is missing").At("/genesis", 0)
	}
	return nil
}
