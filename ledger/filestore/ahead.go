package filestore

import (
	"context"
	"errors"
	"log/slog"

	"github.com/yurai-ledger/yurai/ledger"
)

// ahead is work that a commit would otherwise wait for, done beside the commits:
// the next journal segment is filled with zeros, and the derived files are
// synced. Nothing rests on it: a journal segment that was not made ahead is made
// by the commit that needs it, and what of the derived files is not durable the
// next opening makes again.
//
// A task syncs no file that a commit syncs too: the kernel tells an error of
// writing to an open file once, and a task must not take one that a commit has
// to see.
type ahead struct {
	inOrder bool // tasks run where they are begun, so that tests can be repeated

	draft  task // journal.draft
	settle task // derived.sync
}

// task is one piece of work that may be under way. Its fields belong to the
// writer, but for err until done is closed.
type task struct {
	done chan struct{} // nil if nothing is under way
	err  error
}

// begin starts work, which nothing else of its kind may be doing.
func (a *ahead) begin(t *task, work func() error) {
	done := make(chan struct{})
	t.done = done
	run := func() { // the goroutine of one task; end awaits it
		defer close(done)
		t.err = work()
	}
	if a.inOrder {
		run()
		return
	}
	go run()
}

// ended reports whether work was begun and has ended since; then its error is
// returned, once.
func (t *task) ended() (bool, error) {
	if t.done == nil {
		return false, nil
	}
	select {
	case <-t.done:
		return true, t.take()
	default:
		return false, nil
	}
}

// end waits for work that is under way.
func (t *task) end() (bool, error) {
	if t.done == nil {
		return false, nil
	}
	<-t.done
	return true, t.take()
}

func (t *task) take() error {
	err := t.err
	t.done, t.err = nil, nil
	return err
}

// settled takes note of derived files that were synced beside the commits. For
// want of space they are left as they are: the next opening makes them again
// from where they were durable.
func (s *Store) settled() error {
	done, err := s.ahead.settle.ended()
	switch {
	case !done:
		return nil
	case err == nil:
		s.derivedTo = s.settling
		return nil
	case outOfSpace(err):
		s.unsettled = true
		s.logger.LogAttrs(context.Background(), slog.LevelWarn, "derived files could not be synced for want of space; the next opening makes them again", slog.String("reason", err.Error()))
		return nil
	default:
		return err
	}
}

// drafted takes note of a journal segment that was prepared. For want of space
// it is prepared by the commit that needs it.
func (s *Store) drafted(done bool, err error) error {
	if !done || outOfSpace(err) {
		return nil
	}
	s.journal.drafted = err == nil
	return err
}

// prepare begins what the next commits will need, after one is durable.
func (s *Store) prepare(v *view) {
	if to := v.head.Size &^ (ledger.TileWidth - 1); s.ahead.settle.done == nil && !s.unsettled && v.head.Size-s.derivedTo >= s.layout.settle {
		s.settling = to
		s.ahead.begin(&s.ahead.settle, s.derived.sync)
	}
	if s.journal.at > s.layout.journal/2 && !s.journal.drafted && s.ahead.draft.done == nil && s.roomy(s.layout.journal) {
		s.ahead.begin(&s.ahead.draft, s.journal.draft)
	}
}

// draft makes journalDraft a file of zeros, durably, for begin to take over.
func (j *journal) draft() error {
	f, err := j.files.Create(journalDraft)
	if err != nil {
		return err
	}
	err = j.blank(f)
	if err == nil {
		err = f.Sync() // begin syncs again; this takes the time that it would take
	}
	return errors.Join(err, f.Close())
}

// blank fills a new segment with zeros.
func (j *journal) blank(f File) error {
	if err := f.Allocate(j.capacity); err != nil {
		return err
	}
	return zero(f, 0, j.capacity) // a draft may be left from a begin that was interrupted
}
