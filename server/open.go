package server

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/blobs"
	"github.com/yurai-ledger/yurai/server/index"
	"github.com/yurai-ledger/yurai/server/problem"
)

// DefaultReserve is the free space in bytes below which nothing is recorded,
// unless [Options] say otherwise.
const DefaultReserve = 512 << 20

// Options of a server; the zero value is usable.
type Options struct {
	Clock  func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil discards

	// Reserve is the free space in bytes below which the server records nothing
	// (507) and goes on answering; it takes statements again when there is more. 0
	// is DefaultReserve, and below 0 there is none. The indexes keep a reserve of
	// their own, half of it, but no less than 64 MiB and no more than 256.
	Reserve int64

	// Anchors are where the log is held against what others have seen of it, at
	// opening and, those that can be asked, every minute: addresses of witnesses and
	// mirrors, folders of mirrors, files with a checkpoint.
	Anchors []string

	// NewestKnown is the operator's word that nothing was signed after what the
	// anchors have seen. It lifts the ban on a log that was moved or restored.
	NewestKnown bool

	// Witnesses is the policy by which a checkpoint is published, see
	// [ParseWitnesses]; nil publishes the newest that the log signed.
	Witnesses *ledger.WitnessPolicy

	// For tests.
	snapshotEvery int64                         // leaves; 0 is the sequencer's own number
	files         func(dir string) filestore.FS // of the log; nil is the folder
	queue         int                           // of the sequencer; 0 is its own
	point         sequencer.FailPoint
	watchEvery    time.Duration // 0 is a minute
	scrubRate     int64         // bytes a second; 0 is the constant
}

// Server is one ledger that this process holds open. Its methods may be called
// at the same time.
type Server struct {
	origin   string
	clock    func() time.Time
	log      *slog.Logger
	timeouts timeouts

	genesis   []byte // leaf of entry 0
	admission []byte // leaf of entry 1
	founders  statement.Founders
	service   *envelope.Signer
	verifier  *ledger.Verifier   // of our own Ed25519 checkpoint signature
	verifiers []*ledger.Verifier // of both

	store    *filestore.Store
	sequence *sequencer.Log
	state    *registry.State // see [Server.judge] for who reads it when
	blobs    *blobs.Store
	lookups  *lookups
	contents *contents

	outside  reader      // of what others have seen of the log
	seen     atomic.Bool // the log was held against an anchor since it was opened
	watched  []string
	watching time.Duration
	halted   atomic.Pointer[halted] // why nothing may be signed, nil if it may
	scrub    *scrubber

	witnesses witnessing

	served   atomic.Bool
	begun    chan struct{} // closed when genesis and admission are recorded
	stopping atomic.Bool
	closed   atomic.Bool

	connections int                 // most that are open
	requests    chan struct{}       // one a request being worked on
	outgoing    *semaphore.Weighted // bytes of answers being sent beside those
	bundles     *semaphore.Weighted // bundles being assembled
	examiners   *semaphore.Weighted // BOMs being examined
	memory      *semaphore.Weighted // bytes of submissions held
}

// Origin returns the origin of the log.
func (s *Server) Origin() string { return s.origin }

// The guard's state is put down and taken up again, so that opening need not
// replay the whole log.
var _ sequencer.Snapshotter = (*registry.State)(nil)

// Size returns the number of published entries.
func (s *Server) Size() int64 { return s.sequence.Size() }

// Open opens the ledger in the folder dir, which [Init] made, verifies it and
// holds it until [Server.Serve] or [Server.Close] returns. The entries below the
// newest snapshot of the state are verified when they are first read, all others
// now. Refused are
//
//	SERVER-FOLDER-INVALID  a file of the folder is absent or malformed, a private
//	                       key is readable by others, or the log does not begin
//	                       with the folder's genesis and admission
//	SERVER-KEY-FOREIGN     checkpoint keys are not those of genesis, or the service
//	                       key is none of the log's that stand
//	SERVER-FOLDER-BACKUP   the folder is a backup: restore it
//	SERVER-ANCHOR-BEHIND   the log was moved or restored, and the anchors do not show
//	                       that nothing was signed after it
//	LOG-ANCHOR-AHEAD       an anchor or a witness has seen more than there is: an old copy
//	LOG-ANCHOR-FORK        an anchor or a witness has seen another history
//	STORE-FOLDER-LOCKED    another process serves it
//
// and whatever ledger/filestore, ledger/sequencer, server/blobs and server/index
// refuse. Nothing but the index is ever repaired by guessing.
func Open(ctx context.Context, dir string, o Options) (*Server, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		clock: o.Clock, log: o.Logger, timeouts: defaultTimeouts,
		begun:       make(chan struct{}),
		requests:    make(chan struct{}, maxRequests),
		connections: maxConnections,
		outgoing:    semaphore.NewWeighted(maxOutgoing),
		bundles:     semaphore.NewWeighted(maxBundles),
		examiners:   semaphore.NewWeighted(int64(max(2, runtime.GOMAXPROCS(0)))),
		memory:      semaphore.NewWeighted(maxIntakeMemory),
	}
	signers, err := s.read(dir)
	if err != nil {
		return nil, err
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	o.Reserve = max(o.Reserve, 0)
	if o.watchEvery == 0 {
		o.watchEvery = watchEvery
	}
	s.watching = o.watchEvery
	for _, where := range o.Anchors {
		if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
			s.watched = append(s.watched, where)
		}
	}
	if err := s.openLog(ctx, dir, signers, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.openRest(dir, o.Reserve); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.scrub = newScrubber(s.store, s.blobs, o.scrubRate, s.log)
	return s, nil
}

// read reads the files that Init made and holds them against each other.
func (s *Server) read(dir string) ([]*ledger.Signer, error) {
	if _, err := os.Lstat(filepath.Join(dir, backupName)); err == nil {
		return nil, refuse("SERVER-FOLDER-BACKUP", "%s is a backup", dir)
	}
	raw, err := readFile(dir, configName)
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(raw)
	if err != nil {
		return nil, err
	}
	s.origin = c.Origin
	if s.genesis, err = readFile(dir, genesisName); err != nil {
		return nil, err
	}
	if s.admission, err = readFile(dir, admissionName); err != nil {
		return nil, err
	}
	st, err := readStatement(s.genesis)
	if err != nil {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s: %w", genesisName, err)
	}
	genesis, ok := st.Body.(*statement.Genesis)
	if !ok {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s is a statement of kind %s", genesisName, st.Kind)
	}
	if genesis.Log != c.Origin {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s is of log %q, %s of %q", genesisName, genesis.Log, configName, c.Origin)
	}
	if st, err = readStatement(s.admission); err != nil {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s: %w", admissionName, err)
	}
	if st.Kind != statement.KindAdmission {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s is a statement of kind %s", admissionName, st.Kind)
	}
	var signers []*ledger.Signer
	for i, name := range []string{ed25519Name, mldsa44Name} {
		raw, err := readSecret(dir, name)
		if err != nil {
			return nil, err
		}
		k, err := ledger.ParseSigner(raw)
		if err != nil {
			return nil, refuse("SERVER-FOLDER-INVALID", "%s: %w", name, err)
		}
		if k.VKey() != genesis.Checkpoint[i] {
			return nil, refuse("SERVER-KEY-FOREIGN", "%s is not the key that genesis names", name)
		}
		signers = append(signers, k)
	}
	if s.outside, err = readerOf(genesis); err != nil {
		return nil, err
	}
	s.verifiers = s.outside.keys
	s.verifier = s.verifiers[0]
	if raw, err = readSecret(dir, serviceName); err != nil {
		return nil, err
	}
	if s.service, err = envelope.ParsePrivatePEM(raw); err != nil {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s: %w", serviceName, err)
	}
	s.founders = genesis.Parties
	return signers, nil
}

// openLog opens the log, makes it at the first start, and replays it from the
// newest snapshot of the state on.
func (s *Server) openLog(ctx context.Context, dir string, signers []*ledger.Signer, o Options) error {
	path := filepath.Join(dir, logName)
	options := filestore.Options{Origin: s.origin, Logger: s.log, Reserve: o.Reserve}
	if o.files != nil {
		options.FS = o.files(path)
	}
	// A log is made only where nothing was ever served: a log that went missing
	// and one made anew would be two histories under one name.
	used := false
	for _, name := range []string{blobsName, indexName} {
		_, err := os.Stat(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return refuse("SERVER-FOLDER-INVALID", "reading %s: %w", name, err)
		}
		used = used || err == nil
	}
	if !used {
		if err := filestore.Create(path, options, s.clock()); err != nil && problem.Code(err) != "STORE-FOLDER-EXISTS" {
			return err
		}
	}
	var err error
	if s.store, err = filestore.Open(path, options); err != nil {
		return err
	}
	// All that others have seen, and what was published here, before a ban is lifted.
	anchors, err := s.askWitnesses(ctx, o.Witnesses)
	if err != nil {
		return err
	}
	if err := s.openClock(dir); err != nil {
		return err
	}
	if err := s.moor(ctx, o, anchors); err != nil {
		return err
	}
	s.state = registry.New(s.origin)
	s.sequence, err = sequencer.Open(ctx, sequencer.Config{
		Origin: s.origin, Store: s.store, Guard: s.state, Reopen: s.reopen,
		Signers: signers, Clock: s.clock, Logger: s.log, SnapshotEvery: o.snapshotEvery, Queue: o.queue, FailPoint: o.point,
		Anchors: anchors,
	})
	if err != nil {
		return err
	}
	for index, want := range [][]byte{s.genesis, s.admission} {
		if s.sequence.Size() <= int64(index) {
			break
		}
		leaf, err := s.sequence.Leaf(int64(index))
		if err != nil {
			return err
		}
		if !bytes.Equal(leaf, want) {
			return refuse("SERVER-FOLDER-INVALID", "entry %d of the log is not what %s holds", index, []string{genesisName, admissionName}[index])
		}
	}
	// Genesis says whose the service key is until a rotation says otherwise.
	set, ok := s.state.KeysAt(statement.Log, s.sequence.Size())
	if s.sequence.Size() == 0 {
		set, ok = s.founders.Log, true
	}
	if !ok || !set.Has(s.service.Key().ID()) {
		return refuse("SERVER-KEY-FOREIGN", "%s is no key of party log that stands", serviceName)
	}
	return s.openWitnessing()
}

// reopen returns for a leaf of our own log what was offered when it was added.
// Its signatures were verified then; the guard judges it again.
func (s *Server) reopen(_ int64, leaf []byte) (sequencer.Entry, error) {
	prepared, err := registry.PrepareLeaf(slices.Clone(leaf))
	if err != nil {
		return sequencer.Entry{}, err
	}
	return sequencer.Entry{Leaf: leaf, Identity: prepared.Identity(), Prepared: prepared}, nil
}

// openRest opens what lies beside the log.
func (s *Server) openRest(dir string, reserve int64) error {
	var err error
	if s.blobs, err = blobs.Open(filepath.Join(dir, blobsName), blobs.Options{MaxSize: maxBOM, Memory: maxBlobMemory, Reserve: reserve}); err != nil {
		return err
	}
	o := index.Options{Log: s.origin, Logger: s.log, Reserve: max(64<<20, min(256<<20, reserve/2))}
	if s.lookups, err = openLookups(filepath.Join(dir, indexName), s.sequence, o); err != nil {
		return err
	}
	s.contents, err = openContents(filepath.Join(dir, indexName, contentsName), s.lookups, s.blobs, o)
	return err
}

// ready reports whether statements are taken and questions answered.
func (s *Server) ready() bool {
	select {
	case <-s.begun:
		return true
	default:
		return false
	}
}

// Close gives the folder back. [Server.Serve] does it itself; Close is for a
// server that is not served. It may be called more than once.
func (s *Server) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stopping.Store(true)
	var list []error
	if s.contents != nil {
		list = append(list, s.contents.index.Close())
	}
	if s.lookups != nil {
		list = append(list, s.lookups.close())
	}
	if s.blobs != nil {
		list = append(list, s.blobs.Close())
	}
	if s.store != nil {
		list = append(list, s.store.Close())
	}
	return errors.Join(list...)
}
