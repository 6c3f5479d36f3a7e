package origin

import (
	"crypto/sha256"
	"encoding/hex"
)

// Target returns the SHA-256 that the link states of its target, if it states
// exactly one.
func (l Link) Target() (digest [sha256.Size]byte, ok bool) {
	for _, h := range l.Hashes {
		if h.Algorithm != "SHA-256" {
			continue
		}
		b, err := hex.DecodeString(h.Value)
		if err != nil || len(b) != len(digest) || ok && digest != [sha256.Size]byte(b) {
			return [sha256.Size]byte{}, false
		}
		digest, ok = [sha256.Size]byte(b), true
	}
	return digest, ok
}

// Unresolved returns the links whose documents are not among the facts, in
// document order: all of them before [Facts.Join].
func (f *Facts) Unresolved() []Link {
	var links []Link
	for _, l := range f.Links() {
		if digest, ok := l.Target(); ok {
			if _, held := f.joined[digest]; held {
				continue
			}
		}
		links = append(links, l)
	}
	return links
}
