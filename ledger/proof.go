package ledger

import "math/bits"

// HashReader reads nodes of the tree. ReadHash returns the root of the perfect
// subtree over the leaves [index<<level, (index+1)<<level), which must lie
// inside the tree.
type HashReader interface {
	ReadHash(level int, index int64) (Hash, error)
}

// VerifyInclusion reports whether leaf stands at index in the tree of size
// leaves with this root (RFC 9162 §2.1.3.2). It returns nil if so, else
// LOG-PROOF-INVALID. A proof has exactly one length for a place in a tree:
// a longer or shorter one is refused.
func VerifyInclusion(root Hash, size, index int64, leaf Hash, proof []Hash) error {
	if index < 0 || size < 1 || index >= size || size > MaxSize {
		return Refuse("LOG-PROOF-INVALID", "index %d lies outside a tree of %d leaves", index, size)
	}
	node, fn, sn := leaf, index, size-1
	for _, p := range proof {
		if sn == 0 {
			return Refuse("LOG-PROOF-INVALID", "inclusion proof of %d hashes is too long for index %d of %d", len(proof), index, size)
		}
		if fn&1 == 1 || fn == sn {
			node = NodeHash(p, node)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			node = NodeHash(node, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 {
		return Refuse("LOG-PROOF-INVALID", "inclusion proof of %d hashes is too short for index %d of %d", len(proof), index, size)
	}
	if node != root {
		return Refuse("LOG-PROOF-INVALID", "inclusion proof for index %d of %d leads to another root", index, size)
	}
	return nil
}

// VerifyConsistency reports whether the tree of newSize leaves begins with the
// tree of oldSize leaves (RFC 9162 §2.1.4.2). It returns nil if so, else
// LOG-PROOF-INVALID. Two trees of one size are consistent only with one root and
// an empty proof; the empty tree is consistent with every tree.
func VerifyConsistency(oldSize, newSize int64, oldRoot, newRoot Hash, proof []Hash) error {
	refuse := func(why string) error {
		return Refuse("LOG-PROOF-INVALID", "consistency proof from %d to %d leaves %s", oldSize, newSize, why)
	}
	switch {
	case oldSize < 0 || newSize < oldSize || newSize > MaxSize:
		return refuse("is between impossible sizes")
	case oldSize == newSize:
		if len(proof) != 0 {
			return refuse("should be empty")
		}
		if oldRoot != newRoot {
			return refuse("is between two roots of one size")
		}
		return nil
	case oldSize == 0:
		if len(proof) != 0 {
			return refuse("should be empty")
		}
		if oldRoot != EmptyRoot {
			return refuse("starts from a root that is not the empty tree's")
		}
		return nil
	case len(proof) == 0:
		return refuse("is empty")
	}
	fn, sn := oldSize-1, newSize-1
	for fn&1 == 1 {
		fn, sn = fn>>1, sn>>1
	}
	fr, sr := proof[0], proof[0]
	rest := proof[1:]
	if oldSize&(oldSize-1) == 0 { // a perfect old tree is not repeated in the proof
		fr, sr, rest = oldRoot, oldRoot, proof
	}
	for _, p := range rest {
		if sn == 0 {
			return refuse("is too long")
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = NodeHash(p, fr), NodeHash(p, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = NodeHash(sr, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	switch {
	case sn != 0:
		return refuse("is too short")
	case fr != oldRoot:
		return refuse("does not lead to the older root")
	case sr != newRoot:
		return refuse("does not lead to the newer root")
	}
	return nil
}

// TreeRoot returns the root of the tree of size leaves.
func TreeRoot(r HashReader, size int64) (Hash, error) {
	if size == 0 {
		return EmptyRoot, nil
	}
	return subtree(r, 0, size)
}

// ProveInclusion returns the inclusion proof for index in the tree of size
// leaves, the leaf's sibling first (RFC 6962 §2.1.1). Errors of r are returned.
func ProveInclusion(r HashReader, size, index int64) ([]Hash, error) {
	if index < 0 || index >= size || size > MaxSize {
		return nil, Refuse("LOG-RANGE-INVALID", "index %d lies outside a tree of %d leaves", index, size)
	}
	var proof []Hash
	lo, hi := int64(0), size
	for hi-lo > 1 {
		k := split(hi - lo)
		var sibling Hash
		var err error
		if index < lo+k {
			sibling, err = subtree(r, lo+k, hi)
			hi = lo + k
		} else {
			sibling, err = subtree(r, lo, lo+k)
			lo += k
		}
		if err != nil {
			return nil, err
		}
		proof = append(proof, sibling)
	}
	reverse(proof)
	return proof, nil
}

// ProveConsistency returns the consistency proof from oldSize to newSize leaves
// (RFC 6962 §2.1.2), empty if oldSize is 0 or newSize. Errors of r are returned.
func ProveConsistency(r HashReader, oldSize, newSize int64) ([]Hash, error) {
	if oldSize < 0 || newSize < oldSize || newSize > MaxSize {
		return nil, Refuse("LOG-RANGE-INVALID", "no consistency proof leads from %d to %d leaves", oldSize, newSize)
	}
	if oldSize == 0 || oldSize == newSize {
		return nil, nil
	}
	var proof []Hash
	lo, hi, m := int64(0), newSize, oldSize
	complete := true // the old tree is still the whole of the left side
	for m != hi {
		k := split(hi - lo)
		var h Hash
		var err error
		if m <= lo+k {
			h, err = subtree(r, lo+k, hi)
			hi = lo + k
		} else {
			h, err = subtree(r, lo, lo+k)
			lo += k
			complete = false
		}
		if err != nil {
			return nil, err
		}
		proof = append(proof, h)
	}
	if !complete {
		h, err := subtree(r, lo, hi)
		if err != nil {
			return nil, err
		}
		proof = append(proof, h)
	}
	reverse(proof)
	return proof, nil
}

// subtree returns MTH(D[lo:hi]) of RFC 6962 §2.1; hi > lo.
func subtree(r HashReader, lo, hi int64) (Hash, error) {
	n := hi - lo
	if n&(n-1) == 0 && lo%n == 0 {
		level := bits.TrailingZeros64(uint64(n))
		return r.ReadHash(level, lo>>level)
	}
	k := split(n)
	left, err := subtree(r, lo, lo+k)
	if err != nil {
		return Hash{}, err
	}
	right, err := subtree(r, lo+k, hi)
	if err != nil {
		return Hash{}, err
	}
	return NodeHash(left, right), nil
}

// split returns the largest power of two smaller than n; n > 1.
func split(n int64) int64 { return 1 << (bits.Len64(uint64(n-1)) - 1) }

func reverse(h []Hash) {
	for i, j := 0, len(h)-1; i < j; i, j = i+1, j-1 {
		h[i], h[j] = h[j], h[i]
	}
}

// Range is the right edge of a growing tree: the roots of the perfect subtrees
// that its size is made of. The zero Range is the empty tree.
type Range struct {
	size  int64
	roots [64]Hash // roots[l] is set where bit l of size is
}

// NewRange returns the edge of the tree of size leaves, read from r.
func NewRange(r HashReader, size int64) (*Range, error) {
	e := &Range{size: size}
	for l := range 63 {
		if size>>l&1 == 0 {
			continue
		}
		h, err := r.ReadHash(l, size>>l-1)
		if err != nil {
			return nil, err
		}
		e.roots[l] = h
	}
	return e, nil
}

// Size returns the number of leaves.
func (e *Range) Size() int64 { return e.size }

// Append adds a leaf hash. For each perfect subtree that the leaf completes,
// from level 1 up, visit is called with its level, index and root; nil is allowed.
func (e *Range) Append(leaf Hash, visit func(level int, index int64, h Hash)) {
	h, l := leaf, 0
	for ; e.size>>l&1 == 1; l++ {
		h = NodeHash(e.roots[l], h)
		if visit != nil {
			visit(l+1, e.size>>(l+1), h)
		}
	}
	e.roots[l] = h
	e.size++
}

// Root returns the root of the tree, EmptyRoot for the empty one.
func (e *Range) Root() Hash {
	if e.size == 0 {
		return EmptyRoot
	}
	l := bits.TrailingZeros64(uint64(e.size))
	h := e.roots[l]
	for l++; e.size>>l != 0; l++ {
		if e.size>>l&1 == 1 {
			h = NodeHash(e.roots[l], h)
		}
	}
	return h
}
