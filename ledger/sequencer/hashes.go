package sequencer

import "github.com/yurai-ledger/yurai/ledger"

// Hashes returns a reader of the nodes of a store's tree, for whoever holds a
// checkpoint against a store that is not in service.
func Hashes(s Store) ledger.HashReader { return hashReader{s} }
