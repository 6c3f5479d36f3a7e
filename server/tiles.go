package server

import (
	"net/http"
	"strings"

	"github.com/yurai-ledger/yurai/ledger"
)

// serveCheckpoint answers with the newest checkpoint that satisfies the witness
// policy.
func (s *Server) serveCheckpoint(w http.ResponseWriter, r *http.Request) {
	note, err := s.checkpoint()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	send(w, r, http.StatusOK, typeText, note)
}

// serveTile answers with a tile of hashes or an entry bundle, full or partial,
// if the published tree has all of it (c2sp.org/tlog-tiles).
func (s *Server) serveTile(w http.ResponseWriter, r *http.Request) {
	tile, err := ledger.ParseTilePath(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !published(tile, s.sequence.Size()) {
		s.fail(w, r, refuse("SERVER-TILE-ABSENT", "the log of %d entries has no %s", s.sequence.Size(), tile.Path()))
		return
	}
	var b []byte
	if tile.Bundle {
		b, err = s.sequence.Bundle(tile.Index, tile.Width)
	} else {
		b, err = s.sequence.Tile(tile.Level, tile.Index, tile.Width)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	send(w, r, http.StatusOK, typeBytes, b)
}

// published reports whether a tree of size leaves has every hash of the tile.
func published(t ledger.Tile, size int64) bool {
	if t.Level > 7 {
		return false // a tree of ledger.MaxSize leaves has no such level
	}
	count := size >> (ledger.TileHeight * t.Level)
	return t.Index < count && t.Index*ledger.TileWidth+int64(t.Width) <= count
}
