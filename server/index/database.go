package index

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// database is Badger as this package uses it: managed timestamps, so that
// reading never waits for writing; values inside the tree, so that the value log
// and its collection stay out of play; nothing synced, nothing compressed.
type database struct {
	db     *badger.DB
	dir    string
	pinned map[string]bool // the writer's: see pin
}

// openDatabase opens the folder. A panic of Badger's on damaged files is an
// error as far as it happens in this goroutine.
func openDatabase(dir string, log *slog.Logger) (*database, error) {
	o := badger.DefaultOptions(dir)
	o.Logger = &bridge{log}
	o.SyncWrites = false
	o.DetectConflicts = false
	o.MetricsEnabled = false
	o.Compression = options.None
	// OnTableAndBlockRead follows a nil pointer when a table is damaged.
	o.ChecksumVerificationMode = options.OnBlockRead
	o.NumGoroutines = 1
	o.NumCompactors = 2
	o.MemTableSize = 8 << 20
	o.NumMemtables = 2
	o.BlockCacheSize = 16 << 20
	o.IndexCacheSize = 8 << 20
	o.ValueThreshold = 1 << 20
	o.ValueLogFileSize = 16 << 20
	var db *badger.DB
	err := protect(func() (err error) {
		db, err = badger.OpenManaged(o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening badger: %w", err)
	}
	return &database{db: db, dir: dir, pinned: map[string]bool{}}, nil
}

func (d *database) close() error {
	if err := protect(d.db.Close); err != nil {
		return fmt.Errorf("closing badger: %w", err)
	}
	return nil
}

// get calls use with the value of a key as of the timestamp. A key that is not
// there is an error like any other: only keys that were written are asked for.
func (d *database) get(ts uint64, key []byte, use func([]byte) error) error {
	return protect(func() error {
		txn := d.db.NewTransactionAt(ts, false)
		defer txn.Discard()
		item, err := txn.Get(key)
		if err != nil {
			return err
		}
		return item.Value(use)
	})
}

// discardBelow lets what was removed at or below the timestamp be collected.
func (d *database) discardBelow(ts uint64) { d.db.SetDiscardTs(ts) }

// batch collects writes that become visible at one timestamp.
type batch struct {
	wb      *badger.WriteBatch
	flushed bool
}

func (d *database) batch(ts uint64) *batch {
	wb := d.db.NewWriteBatchAt(ts)
	wb.SetMaxPendingTxns(2)
	return &batch{wb: wb}
}

// set keeps both slices until flush.
func (b *batch) set(key, value []byte) error {
	return protect(func() error { return b.wb.Set(key, value) })
}

func (b *batch) remove(key []byte) error {
	return protect(func() error { return b.wb.Delete(key) })
}

// flush returns when all writes can be read.
func (b *batch) flush() error {
	b.flushed = true
	return protect(b.wb.Flush)
}

// cancel ends a batch that was not flushed.
func (b *batch) cancel() {
	if !b.flushed {
		_ = protect(func() error { b.wb.Cancel(); return nil })
	}
}

// protect makes errors of what Badger does on damaged files: panics, and faults
// on its memory-mapped files. A look-up that dies must not take the log along.
func protect(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("badger: panic: %v", r)
		}
	}()
	return f()
}

// bridge passes Badger's log on: what it holds for errors and warnings as
// warnings, since nothing is lost with an index, and the rest for debugging.
type bridge struct{ log *slog.Logger }

func (b *bridge) say(level slog.Level, format string, args []any) {
	if ctx := context.Background(); b.log.Enabled(ctx, level) {
		b.log.LogAttrs(ctx, level, "badger", slog.String("text", strings.TrimSpace(fmt.Sprintf(format, args...))))
	}
}

func (b *bridge) Errorf(format string, args ...any)   { b.say(slog.LevelWarn, format, args) }
func (b *bridge) Warningf(format string, args ...any) { b.say(slog.LevelWarn, format, args) }
func (b *bridge) Infof(format string, args ...any)    { b.say(slog.LevelDebug, format, args) }
func (b *bridge) Debugf(format string, args ...any)   { b.say(slog.LevelDebug, format, args) }
