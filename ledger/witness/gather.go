package witness

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// Tree is what a [Gatherer] reads of its own log.
type Tree interface {
	ledger.HashReader

	// Checkpoint returns the newest checkpoint, signed by the log alone.
	Checkpoint() []byte
}

// GatherConfig says for which log cosignatures are gathered, and from whom. All but
// Logger and what follows it are needed.
type GatherConfig struct {
	Log    Log
	Tree   Tree
	Policy *ledger.WitnessPolicy
	Clock  func() time.Time

	// Keep makes a checkpoint that satisfies the policy durable, before anybody sees
	// it. They come in the order of their sizes.
	Keep func(ledger.Signed, []ledger.Cosignature) error

	// Contradicted is told what shows that this log is not the one that it was: a
	// witness has a checkpoint that the log signed and does not have. It may be called
	// more than once, by one goroutine at a time.
	Contradicted func(error)

	Logger *slog.Logger // nil discards

	// Newest is the newest checkpoint that Keep has kept before, nil if none; it
	// satisfies the policy and is of this log's tree.
	Newest *ledger.Signed

	timeout, pause, longest, between, refresh time.Duration // of tests; 0 is the package's own
}

// Gatherer asks witnesses for cosignatures of a log's newest checkpoint.
type Gatherer struct {
	GatherConfig
	client  *http.Client
	poke    chan struct{}
	newest  atomic.Pointer[ledger.Signed]
	any     atomic.Bool // a witness has cosigned what this log has, since it was opened
	running atomic.Bool

	// The rest belongs to Run.
	workers []*worker
	round   *round
	next    time.Time // not before which a new round begins
}

// worker is what Run knows of one witness.
type worker struct {
	*remote
	tasks chan task // one at most
	busy  bool      // has a task whose answer has not come
	size  int64     // that it cosigned last, as far as known
	fails int       // since it last did
	until time.Time // when it may be asked again
	asked *round    // the round that it has answered
}

// round is the gathering of cosignatures of one checkpoint.
type round struct {
	ledger.Signed
	began     time.Time
	cosigned  []ledger.Cosignature
	satisfied bool
}

type task struct {
	*round
	old int64
}

type answer struct {
	*worker
	task
	cosigned []ledger.Cosignature
	size     int64
	other    error // what shows that this log is not the one that it was
	err      error
}

// NewGatherer returns a gatherer that does nothing before Run.
func NewGatherer(c GatherConfig) *Gatherer {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		at  *time.Duration
		own time.Duration
	}{{&c.timeout, askTimeout}, {&c.pause, firstPause}, {&c.longest, longPause}, {&c.between, roundPause}, {&c.refresh, refreshTime}} {
		if *d.at == 0 {
			*d.at = d.own
		}
	}
	g := &Gatherer{GatherConfig: c, client: newClient(), poke: make(chan struct{}, 1)}
	g.newest.Store(c.Newest)
	for _, r := range remotes(c.Policy) {
		g.workers = append(g.workers, &worker{remote: r, tasks: make(chan task, 1)})
	}
	return g
}

// Checkpoint returns the newest checkpoint that satisfies the policy, or nil if there
// is none yet. The caller must not change it.
func (g *Gatherer) Checkpoint() *ledger.Signed { return g.newest.Load() }

// Anchored reports whether a witness has cosigned a checkpoint of this log since the
// gatherer was made.
func (g *Gatherer) Anchored() bool { return g.any.Load() }

// Poke says that the log has grown. It returns at once.
func (g *Gatherer) Poke() {
	select {
	case g.poke <- struct{}{}:
	default:
	}
}

// Run gathers until ctx ends, and returns when every request has ended. It can be
// called once.
func (g *Gatherer) Run(ctx context.Context) error {
	if g.running.Swap(true) {
		return errors.New("the gatherer is running or has ended")
	}
	defer g.client.CloseIdleConnections()
	answers := make(chan answer, len(g.workers)) // one of each at most: nobody waits to answer
	var asking sync.WaitGroup
	defer asking.Wait()
	for _, w := range g.workers {
		defer close(w.tasks)
		asking.Go(func() {
			for t := range w.tasks {
				answers <- g.ask(ctx, w, t)
			}
		})
	}
	wake := time.NewTimer(0)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-answers:
			g.take(ctx, a)
		case <-g.poke:
		case <-wake.C:
		}
		g.step(ctx)
		wake.Reset(g.sleep())
	}
}

// sleep returns for how long there is nothing to do unless something happens.
func (g *Gatherer) sleep() time.Duration {
	now, d := g.Clock(), pollPause
	for _, t := range append(g.backoffs(), g.next) {
		if wait := t.Sub(now); wait > 0 {
			d = min(d, wait)
		}
	}
	return d
}

func (g *Gatherer) backoffs() (list []time.Time) {
	for _, w := range g.workers {
		list = append(list, w.until)
	}
	return list
}

// step begins a round if one is due, and gives idle witnesses their task.
func (g *Gatherer) step(ctx context.Context) {
	now := g.Clock()
	if g.due(now) {
		head, err := ledger.OpenSigned(g.Tree.Checkpoint(), g.Log.Origin, g.Log.Keys...)
		if err != nil {
			g.Logger.LogAttrs(ctx, slog.LevelError, "own checkpoint not shown to witnesses", slog.String("error", err.Error()))
			g.next = now.Add(g.longest)
			return
		}
		grown := g.round == nil || head.Size > g.round.Size
		if head.Size > 0 && (grown || g.round.satisfied && now.Sub(g.round.began) >= g.refresh) {
			g.round, g.next = &round{Signed: head, began: now}, now.Add(g.between)
		}
	}
	if g.round == nil {
		return
	}
	for _, w := range g.workers {
		if w.busy || w.asked == g.round || now.Before(w.until) {
			continue
		}
		w.busy = true
		w.tasks <- task{g.round, w.size}
	}
}

// due reports whether the round that there is, is at an end: it has what it needs, or
// nobody is being asked who could still give it.
func (g *Gatherer) due(now time.Time) bool {
	if now.Before(g.next) {
		return false
	}
	if g.round == nil || g.round.satisfied {
		return true
	}
	for _, w := range g.workers {
		if w.busy {
			return false
		}
	}
	return true
}

// ask is one task of one witness.
func (g *Gatherer) ask(ctx context.Context, w *worker, t task) answer {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	a := answer{worker: w, task: t}
	a.cosigned, a.size, a.err = w.add(ctx, g.client, g.Tree, t.Signed, t.old, g.Clock())
	if errors.Is(a.err, errOther) {
		a.other = g.contradiction(ctx, w.remote)
	}
	return a
}

// contradiction asks a witness that knows another history to show it. What it shows
// counts only if the log's own keys have signed it.
func (g *Gatherer) contradiction(ctx context.Context, w *remote) error {
	shown, err := w.latest(ctx, g.client, g.Log)
	if err != nil || shown == nil {
		return nil
	}
	head, err := ledger.OpenCheckpoint(g.Tree.Checkpoint(), g.Log.Origin, g.Log.Keys...)
	if err != nil {
		return nil
	}
	if shown.Size > head.Size {
		return ledger.Refuse("LOG-ANCHOR-AHEAD", "witness %q has cosigned %d leaves, this log has %d", w.name, shown.Size, head.Size)
	}
	root, err := ledger.TreeRoot(g.Tree, shown.Size)
	if err == nil && root != shown.Root {
		return ledger.Refuse("LOG-ANCHOR-FORK", "witness %q has cosigned root %v of %d leaves, this log has %v", w.name, shown.Root, shown.Size, root)
	}
	return nil
}

// take is what becomes of an answer.
func (g *Gatherer) take(ctx context.Context, a answer) {
	w, now := a.worker, g.Clock()
	w.busy, w.size = false, a.size
	if a.err != nil {
		if ctx.Err() != nil {
			return
		}
		w.until = now.Add(min(g.pause<<min(w.fails, 16), g.longest))
		w.fails++
		level := slog.LevelWarn
		if errors.Is(a.err, errOther) {
			level = slog.LevelError
		}
		g.Logger.LogAttrs(ctx, level, "witness did not cosign", slog.String("witness", w.name), slog.Int64("size", a.Size),
			slog.Int("failures", w.fails), slog.String("error", a.err.Error()))
		if a.other != nil {
			g.Contradicted(a.other)
		}
		return
	}
	if w.fails > 0 {
		g.Logger.LogAttrs(ctx, slog.LevelInfo, "witness cosigns again", slog.String("witness", w.name), slog.Int64("size", a.Size))
	}
	w.fails, w.until, w.asked = 0, time.Time{}, a.round
	g.any.Store(true)
	if a.round != g.round {
		return // too late to count
	}
	g.round.cosigned = append(g.round.cosigned, a.cosigned...)
	if !g.Policy.Satisfied(g.round.cosigned) {
		return
	}
	whole, err := g.round.With(g.round.cosigned...)
	if err == nil {
		err = g.Keep(whole, g.round.cosigned)
	}
	if err != nil {
		g.Logger.LogAttrs(ctx, slog.LevelError, "cosigned checkpoint not published", slog.Int64("size", a.Size), slog.String("error", err.Error()))
		g.round, g.next = nil, now.Add(g.pause) // from the beginning
		return
	}
	g.round.satisfied = true
	g.newest.Store(&whole)
}
