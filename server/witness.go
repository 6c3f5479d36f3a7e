package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/ledger/witness"
	"github.com/yurai-ledger/yurai/server/problem"
)

// ClockFormat is the "format" member of what the clock answers.
const ClockFormat = "yurai-clock/1"

// anchoredHeader says in the answer to a submission whether anything outside has held
// a checkpoint against this log: yes or no.
const anchoredHeader = "Yurai-Anchored"

// ParseWitnesses reads the policy by which a server gathers cosignatures,
// c2sp.org/tlog-policy with an address for each witness (SERVER-WITNESS-ADDRESS).
func ParseWitnesses(text string) (*ledger.WitnessPolicy, error) {
	p, err := ledger.ParseWitnessPolicy(text)
	if err != nil {
		return nil, err
	}
	for _, w := range p.Witnesses() {
		if w.URL == "" {
			return nil, refuse("SERVER-WITNESS-ADDRESS", "witness %.80q has no address to be asked at", w.Name)
		}
	}
	return p, nil
}

// witnessing is what a server has of its witnesses.
type witnessing struct {
	policy   *ledger.WitnessPolicy // nil if no cosignature is demanded
	clock    *witness.Clock
	gatherer *witness.Gatherer // nil without policy
}

// logKeys are the keys that sign our checkpoints.
func (s *Server) logKeys() witness.Log { return witness.Log{Origin: s.origin, Keys: s.verifiers} }

// askWitnesses asks the witnesses what they have seen, before the log is opened.
func (s *Server) askWitnesses(ctx context.Context, p *ledger.WitnessPolicy) ([]ledger.Checkpoint, error) {
	if !p.Demanded() {
		return nil, nil
	}
	if err := p.CheckLog(s.verifiers...); err != nil {
		return nil, err
	}
	s.witnesses.policy = p
	return witness.Anchors(ctx, p, s.logKeys(), s.log), nil
}

// openClock opens the clock, and holds the newest checkpoint that was published
// against the log, whoever cosigned it and whether or not anybody is asked to now.
func (s *Server) openClock(dir string) error {
	var err error
	if s.witnesses.clock, err = witness.OpenClock(filestore.Disk(filepath.Join(dir, logName)), s.logKeys()); err != nil {
		return err
	}
	return heldPublished(s.witnesses.clock, s.store)
}

// heldPublished refuses a log that is not the one whose newest checkpoint its clock
// has: LOG-ANCHOR-AHEAD, LOG-ANCHOR-FORK. What cannot be read there shows nothing.
func heldPublished(clock *witness.Clock, store *filestore.Store) error {
	newest, err := clock.Newest(nil)
	if err != nil || newest == nil {
		return nil // openWitnessing says what is wrong with it where it is needed
	}
	if err := contradicts(newest.Checkpoint, store.Head().Size, sequencer.Hashes(store)); err != nil {
		return fmt.Errorf("%s was published: %w", witness.ClockFolder, err)
	}
	return nil
}

// openWitnessing makes ready to gather, from the newest checkpoint that was
// published on.
func (s *Server) openWitnessing() error {
	w := &s.witnesses
	if w.policy == nil {
		// What is published from now on is cosigned by nobody: to go back to what was
		// would be a rollback.
		return w.clock.Forget()
	}
	newest, err := w.clock.Newest(w.policy)
	switch code := problem.Code(err); {
	case code == "LOG-QUORUM-UNMET" || code == "LOG-COSIGNATURE-INVALID":
		newest = nil // of another policy
	case err != nil && w.policy != nil:
		return err
	}
	w.gatherer = witness.NewGatherer(witness.GatherConfig{
		Log: s.logKeys(), Tree: s.sequence, Policy: w.policy, Clock: s.clock, Logger: s.log, Newest: newest,
		Keep: func(c ledger.Signed, _ []ledger.Cosignature) error {
			if h := s.halted.Load(); h != nil {
				return refuse(h.code, "%s", h.reason)
			}
			return w.clock.Keep(c, s.clock())
		},
		Contradicted: func(err error) { s.halt("SERVER-LOG-CONTRADICTED", err.Error()) },
	})
	return nil
}

// gather gathers until ctx ends or the log is halted, and keeps the clock. A log
// that was moved shows nothing to witnesses.
func (s *Server) gather(ctx context.Context) error {
	if s.witnesses.gatherer == nil || s.halted.Load() != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- s.witnesses.gatherer.Run(ctx) }() // awaited below
	flush := time.NewTicker(clockPause)
	defer flush.Stop()
	for {
		select {
		case err := <-ended:
			return errors.Join(err, s.witnesses.clock.Flush(s.clock(), true))
		case <-flush.C:
			if s.halted.Load() != nil {
				cancel()
			}
			if err := s.witnesses.clock.Flush(s.clock(), false); err != nil {
				s.log.LogAttrs(ctx, slog.LevelError, "cosigned checkpoint not kept", slog.String("error", err.Error()))
			}
		}
	}
}

// grown says that the log has grown.
func (s *Server) grown() {
	s.lookups.poke()
	if g := s.witnesses.gatherer; g != nil {
		g.Poke()
	}
}

// checkpoint returns what is published: the newest checkpoint that satisfies the
// witness policy. SERVER-CHECKPOINT-UNWITNESSED if there is none yet.
func (s *Server) checkpoint() ([]byte, error) {
	if s.witnesses.gatherer == nil {
		return s.sequence.Checkpoint(), nil
	}
	c := s.witnesses.gatherer.Checkpoint()
	if c == nil {
		return nil, refuse("SERVER-CHECKPOINT-UNWITNESSED", "no checkpoint was cosigned by quorum %.80q yet", s.witnesses.policy.Quorum())
	}
	return c.Note, nil
}

// covering returns the checkpoint that an entry is proven against: the one that is
// published if it covers the entry, else the newest that the log signed.
func (s *Server) covering(index int64) []byte {
	if g := s.witnesses.gatherer; g != nil {
		if c := g.Checkpoint(); c != nil && c.Size > index {
			return c.Note
		}
	}
	return s.sequence.Checkpoint()
}

// ticks is the answer to a question to the clock.
type ticks struct {
	Format      string   `json:"format"`
	Log         string   `json:"log"`
	Checkpoints []string `json:"checkpoints" doc:"cosigned notes by ascending size; to be verified"`
	Next        string   `json:"next,omitzero" doc:"after of the next page; absent if there is none yet"`
}

// around is the answer to when an entry was there.
type around struct {
	Format string `json:"format"`
	Log    string `json:"log"`
	Index  int64  `json:"index"`
	Before string `json:"before,omitzero" doc:"the last cosigned checkpoint that was kept without the entry"`
	Behind string `json:"behind,omitzero" doc:"the first that was kept with it"`
}

// serveClock answers with cosigned checkpoints that were kept, page by page.
func (s *Server) serveClock(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, limit := query.Get("after"), defaultTicks
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxTicks || strconv.Itoa(n) != text {
			s.fail(w, r, refuse("SERVER-QUERY-MALFORMED", "limit is a number from 1 to %d", maxTicks))
			return
		}
		limit = n
	}
	for name, values := range query {
		if name != "after" && name != "limit" || len(values) != 1 {
			s.fail(w, r, refuse("SERVER-QUERY-MALFORMED", "the clock is asked with after and limit, each once"))
			return
		}
	}
	list, err := s.witnesses.clock.Ticks(after, limit, maxTickBytes)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	a := ticks{Format: ClockFormat, Log: s.origin, Checkpoints: []string{}}
	for _, t := range list {
		a.Checkpoints, a.Next = append(a.Checkpoints, string(t.Note)), t.At
	}
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, http.StatusOK, a)
}

// serveTime answers with the cosigned checkpoints around an entry.
func (s *Server) serveTime(w http.ResponseWriter, r *http.Request) {
	index, err := indexOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	before, behind, err := s.witnesses.clock.Around(index)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	s.sendJSON(w, r, http.StatusOK, around{Format: ClockFormat, Log: s.origin, Index: index, Before: string(before), Behind: string(behind)})
}
