package sequencer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// Run commits what is added until ctx ends; then it finishes the batch it is at
// and returns nil. It returns an error that is [ErrUnknown] when the store can
// no longer tell what it holds: the process should then open the log anew. Run
// can be called once.
func (l *Log) Run(ctx context.Context) error {
	if !l.running.CompareAndSwap(false, true) {
		return errors.New("the log is running or has ended")
	}
	defer l.snapshots.wait()
	defer close(l.ended)
	for {
		batch := l.collect(ctx)
		if len(batch) == 0 {
			return nil
		}
		// A batch is committed whether or not ctx ends meanwhile.
		if err := l.commit(context.WithoutCancel(ctx), batch); err != nil {
			for _, r := range l.carry {
				r.reply(Receipt{}, ErrClosed)
			}
			return err
		}
		l.snapshots.take(context.WithoutCancel(ctx), l.logger, l.Size())
	}
}

// collect waits for an entry and takes with it all that wait, within the limits
// of a batch. What is empty says that ctx has ended.
func (l *Log) collect(ctx context.Context) []*request {
	batch := l.carry
	l.carry = nil
	bytes := 0
	for _, r := range batch {
		bytes += len(r.Leaf)
	}
	take := func(r *request) {
		if r.state.CompareAndSwap(waiting, taken) {
			batch = append(batch, r)
			bytes += len(r.Leaf)
		}
	}
	for len(batch) == 0 {
		if ctx.Err() != nil {
			return nil
		}
		select {
		case r := <-l.queue:
			take(r)
		case <-ctx.Done():
			return nil
		}
	}
	for len(batch) < MaxBatchLeaves && bytes < MaxBatchBytes {
		select {
		case r := <-l.queue:
			take(r)
		default:
			return batch
		}
	}
	return batch
}

// verdict is what becomes of one request of a batch.
type verdict struct {
	index int64 // of the entry, or of the one it duplicates
	dup   bool
	err   error // the guard's
	again bool  // in the next batch
}

// commit brings a batch into the log and answers its requests. It returns an
// error if the log cannot go on.
func (l *Log) commit(ctx context.Context, batch []*request) error {
	began := l.clock()
	now := l.published.Load()
	verdicts, admitted, err := l.judge(now.Size, batch)
	if err != nil { // the store could not be asked, or the guard did not answer
		l.answer(batch, err)
		return nil
	}
	next := now
	if len(admitted) > 0 {
		var outcome error
		next, outcome, err = l.record(ctx, now, admitted)
		if outcome != nil {
			l.guard.Drop()
			l.answer(batch, outcome)
			return err
		}
		l.guard.Keep()
		if err := l.publish(next); err != nil {
			l.answer(batch, err)
			return err
		}
	} else if verdicts != nil {
		l.guard.Drop()
	}
	if err := l.points.At(StepAcknowledge, false); err != nil {
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
		l.answer(batch, err)
		return err
	}
	for i, r := range batch {
		switch v := verdicts[i]; {
		case v.again:
			l.carry = append(l.carry, r)
		case v.err != nil:
			r.reply(Receipt{}, v.err)
		default:
			r.reply(Receipt{Index: v.index, Duplicate: v.dup, Checkpoint: next.note, Size: next.Size}, nil)
		}
	}
	if err := l.points.At(StepAcknowledge, true); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	l.logger.LogAttrs(ctx, slog.LevelDebug, "sequenced batch", slog.Int("offered", len(batch)), slog.Int("admitted", len(admitted)),
		slog.Int64("size", next.Size), slog.Int64("took_us", l.clock().Sub(began).Microseconds()))
	return nil
}

// publish lets readers see what is durable and signed.
func (l *Log) publish(next *published) error {
	err := l.points.At(StepPublish, false)
	if err == nil {
		l.published.Store(next)
		err = l.points.At(StepPublish, true)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// judge finds out what becomes of each request if the batch is committed:
// duplicates of what is in the log or earlier in the batch first, then the
// guard. It returns the admitted ones in order.
func (l *Log) judge(size int64, batch []*request) ([]verdict, []*request, error) {
	verdicts := make([]verdict, len(batch))
	firsts := make(map[[32]byte]int, len(batch)) // position in batch of the first with an identity
	same := make([]int, len(batch))              // that first, for those that are not
	var fresh []int
	for i, r := range batch {
		same[i] = -1
		if j, ok := firsts[r.Identity]; ok {
			same[i] = j
			continue
		}
		index, found, err := l.store.Find(r.Identity)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: looking for a duplicate: %w", ErrUnchanged, err)
		}
		if found {
			verdicts[i] = verdict{index: index, dup: true}
			continue
		}
		firsts[r.Identity] = i
		fresh = append(fresh, i)
	}
	prepared := make([]any, len(fresh))
	for k, i := range fresh {
		prepared[k] = batch[i].Prepared
	}
	refusals := l.guard.Propose(size, prepared)
	if len(refusals) != len(fresh) {
		l.guard.Drop()
		return nil, nil, fmt.Errorf("%w: the guard judged %d of %d leaves", ErrUnchanged, len(refusals), len(fresh))
	}
	var admitted []*request
	for k, err := range refusals {
		i := fresh[k]
		if err != nil {
			verdicts[i].err = err
			continue
		}
		verdicts[i].index = size + int64(len(admitted))
		admitted = append(admitted, batch[i])
	}
	for i, j := range same {
		switch {
		case j < 0:
		case verdicts[j].err != nil:
			// What refused the first need not refuse this one, further behind.
			verdicts[i].again = true
		default:
			verdicts[i] = verdict{index: verdicts[j].index, dup: true}
		}
	}
	return verdicts, admitted, nil
}

// record commits and signs. outcome is what to tell those who wait if the batch
// is not committed; fatal says that the log cannot go on.
func (l *Log) record(ctx context.Context, now *published, admitted []*request) (next *published, outcome, fatal error) {
	b := Batch{First: now.Size, Time: l.now(l.store.Head().Time)}
	tree := *l.tree
	for _, r := range admitted {
		b.Leaves = append(b.Leaves, r.Leaf)
		b.Hashes = append(b.Hashes, r.hash)
		b.Identities = append(b.Identities, r.Identity)
		tree.Append(r.hash, nil)
	}
	b.Root = tree.Root()

	// The signatures are computed while the disk is busy. They leave this method
	// only if the commit succeeds.
	type signed struct {
		*published
		error
	}
	signing := make(chan signed, 1)
	go func() {
		err := l.points.At(StepSign, false)
		var p *published
		if err == nil {
			p, err = l.sign(tree.Size(), b.Root, b.Time)
		}
		if err == nil {
			err = l.points.At(StepSign, true)
		}
		signing <- signed{p, err}
	}()
	head, err := l.store.Commit(ctx, b) // the commit point is inside
	s := <-signing
	switch {
	case errors.Is(err, ErrUnchanged):
		return nil, err, nil
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrUnknown, err)
		return nil, err, err
	case head.Size != tree.Size() || head.Root != b.Root:
		err = fmt.Errorf("%w: the store committed to %d leaves with root %v, not to %d with %v", ErrUnknown, head.Size, head.Root, tree.Size(), b.Root)
		return nil, err, err
	case s.error != nil:
		err = fmt.Errorf("%w: %w", ErrUnknown, s.error)
		return nil, err, err
	}
	l.tree = &tree
	return s.published, nil, nil
}

// answer tells all of a batch the same.
func (l *Log) answer(batch []*request, err error) {
	for _, r := range batch {
		r.reply(Receipt{}, err)
	}
}
