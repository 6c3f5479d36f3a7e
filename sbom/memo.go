package sbom

import (
	"crypto/sha256"
	"slices"
	"sync"
)

// MaxMemo bounds the bytes of the documents that a [Memo] remembers.
const MaxMemo = 64 << 20

// Memo admits documents and remembers them by their bytes, for a task that comes
// to the same document more than once. Any number of goroutines may use it. A nil
// Memo remembers nothing.
type Memo struct {
	mu    sync.Mutex // guards what follows: every entry is what Admit gave for its bytes
	known map[memoKey]admitted
	bytes int
}

type memoKey struct {
	digest [sha256.Size]byte
	limits Limits
}

type admitted struct {
	doc      *Document
	findings []Finding
}

// Admit returns what the function of this name does. The document may have been
// given to others before: it must not be changed. The findings are the caller's.
// Once documents of [MaxMemo] bytes are remembered, others are admitted each time.
func (m *Memo) Admit(raw []byte, l Limits) (*Document, []Finding) {
	if m == nil {
		return Admit(raw, l)
	}
	key := memoKey{sha256.Sum256(raw), l.resolved()}
	m.mu.Lock()
	a, ok := m.known[key]
	m.mu.Unlock()
	if ok {
		return a.doc, slices.Clone(a.findings)
	}
	a.doc, a.findings = Admit(raw, l)
	m.mu.Lock()
	if _, ok := m.known[key]; !ok && m.bytes+len(raw) <= MaxMemo {
		if m.known == nil {
			m.known = make(map[memoKey]admitted)
		}
		m.known[key], m.bytes = a, m.bytes+len(raw)
	}
	m.mu.Unlock()
	return a.doc, slices.Clone(a.findings)
}
