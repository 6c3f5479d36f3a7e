package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads a log as sumdb/tlog reads one, which authenticates every tile
// against the root: each leaf of each bundle must be proven by them, earlier trees
// must be the beginning of the newest, and no bent tile may pass.
func tiles(url, vkey string) (string, error) {
	url = strings.TrimSuffix(url, "/")
	tree, err := head(url, vkey)
	if err != nil {
		return "", err
	}
	if tree.N == 0 {
		return "", errors.New("the log is empty: nothing would be read")
	}
	reader := &overHTTP{url: url, kept: map[tlog.Tile][]byte{}}
	hashes := tlog.TileHashReader(tree, reader)
	leaves := int64(0)
	for first := int64(0); first < tree.N; first += 256 {
		width := min(256, tree.N-first)
		bundle, err := get(url + "/" + torchwood.TilePath(tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}))
		if err != nil {
			return "", err
		}
		for i := first; i < first+width; i++ {
			var leaf []byte
			if leaf, bundle, err = torchwood.ReadTileEntry(bundle); err != nil {
				return "", fmt.Errorf("entry %d: %w", i, err)
			}
			want, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
			if err != nil {
				return "", fmt.Errorf("entry %d: %w", i, err)
			}
			if tlog.RecordHash(leaf) != want[0] {
				return "", fmt.Errorf("entry %d of the bundle is not the tile's", i)
			}
			leaves++
			if i%64 == 0 || i == tree.N-1 {
				p, err := tlog.ProveRecord(tree.N, i, hashes)
				if err != nil {
					return "", err
				}
				if err := tlog.CheckRecord(p, tree.N, tree.Hash, i, want[0]); err != nil {
					return "", fmt.Errorf("entry %d: %w", i, err)
				}
			}
		}
		if len(bundle) != 0 {
			return "", fmt.Errorf("the bundle at %d has %d bytes too many", first, len(bundle))
		}
	}
	trees := 0
	for n := int64(1); n < tree.N; n = n*3/2 + 1 {
		older, err := tlog.TreeHash(n, hashes)
		if err != nil {
			return "", err
		}
		p, err := tlog.ProveTree(tree.N, n, hashes)
		if err != nil {
			return "", err
		}
		if err := tlog.CheckTree(p, tree.N, tree.Hash, n, older); err != nil {
			return "", fmt.Errorf("tree of %d: %w", n, err)
		}
		trees++
	}
	if err := bent(url, tree); err != nil {
		return "", err
	}
	entries, err := walk(url, tree)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("sumdb/tlog: %d leaves, %d earlier trees, %d tiles; torchwood: %d entries", leaves, trees, reader.read, entries), nil
}

// bent shows that the reader would notice: each tile of the right edge with one
// bit changed is refused.
func bent(url string, tree tlog.Tree) error {
	honest := &overHTTP{url: url}
	if _, err := tlog.TileHashReader(tree, honest).ReadHashes([]int64{tlog.StoredHashIndex(0, tree.N-1)}); err != nil {
		return err
	}
	for i := range honest.read {
		liar := &overHTTP{url: url, bend: i + 1}
		if _, err := tlog.TileHashReader(tree, liar).ReadHashes([]int64{tlog.StoredHashIndex(0, tree.N-1)}); err == nil {
			return fmt.Errorf("sumdb/tlog took a bent tile")
		}
	}
	return nil
}

// walk reads all entries with torchwood's client.
func walk(url string, tree tlog.Tree) (int64, error) {
	fetcher, err := torchwood.NewTileFetcher(url)
	if err != nil {
		return 0, err
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for i := range client.AllEntries(context.Background(), tree, 0) {
		if i != n {
			return 0, fmt.Errorf("torchwood reads entry %d after %d", i, n-1)
		}
		n++
	}
	if err := client.Err(); err != nil {
		return 0, err
	}
	if n != tree.N {
		return 0, fmt.Errorf("torchwood reads %d of %d entries", n, tree.N)
	}
	return n, nil
}

// head returns the tree that the log's Ed25519 key has signed.
func head(url, vkey string) (tlog.Tree, error) {
	raw, err := get(url + "/checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	c, err := opened(raw, vkey)
	return c.Tree, err
}

func opened(raw []byte, vkey string) (torchwood.Checkpoint, error) {
	key, err := text(vkey)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	n, err := note.Open(raw, note.VerifierList(v))
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	c, err := torchwood.ParseCheckpoint(n.Text)
	if err == nil && c.Origin != v.Name() {
		err = fmt.Errorf("the checkpoint is of %q, signed by %q", c.Origin, v.Name())
	}
	return c, err
}

// overHTTP is a tlog.TileReader of a log that is laid out as tlog-tiles says.
type overHTTP struct {
	url  string
	bend int // which tile is bent, counted from 1
	read int
	kept map[tlog.Tile][]byte // authenticated ones; nil keeps none
}

// Height implements [tlog.TileReader].
func (*overHTTP) Height() int { return 8 }

// ReadTiles implements [tlog.TileReader].
func (o *overHTTP) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range list {
		if raw, ok := o.kept[t]; ok {
			all = append(all, raw)
			continue
		}
		raw, err := get(o.url + "/" + torchwood.TilePath(t))
		if err != nil {
			return nil, err
		}
		if o.read++; o.read == o.bend {
			raw[len(raw)-1] ^= 1
		}
		all = append(all, raw)
	}
	return all, nil
}

// SaveTiles implements [tlog.TileReader].
func (o *overHTTP) SaveTiles(list []tlog.Tile, data [][]byte) {
	for i, t := range list {
		if o.kept != nil {
			o.kept[t] = data[i]
		}
	}
}
