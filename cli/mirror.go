package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/mirror"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server"
	"github.com/yurai-ledger/yurai/server/problem"
)

// mirrorMemory is the memory in the folder of a mirror.
const mirrorMemory = "memory.json"

// Bounds of how often a mirror asks.
const (
	mirrorEvery = time.Minute
	mirrorLeast = 10 * time.Millisecond
)

// mirrorReport is what `mirror -f json` prints.
type mirrorReport struct {
	Log     string `json:"log"`
	Size    int64  `json:"size"` // entries served
	Root    string `json:"root"`
	Pulled  int64  `json:"pulled"`  // entries of these that were new
	Missing int    `json:"missing"` // open bills of materials that could not be read
}

func newMirror(e *environment) *cobra.Command {
	var trustFile, listen string
	every := mirrorEvery
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "mirror URL DIR --trust T [--listen ADDRESS [--every 1m]] [-f table|json]",
		Short: "Keep a verified copy of a log, and serve it",
		Long: `Copy a log into a folder: every entry and tile, and the bills of materials that are
open. Nothing is stored before it is proven by the checkpoint that the log signed, and
a log that goes back or shows another history than before is refused: exit 13, with
the evidence beside DIR/memory.json. Where the trust file demands witnesses, a checkpoint
that does not reach their quorum is not mirrored: exit 14. What was pulled when the command is cut off is
where the next run goes on.

--listen serves the copy on this machine's loopback as the log serves itself,
byte for byte, and goes on pulling; it serves what it has while the log is down, and
after the log misbehaved. DIR/checkpoint is a signed note: whoever runs the log can be
held to it.`,
		Example: "  yurai mirror http://127.0.0.1:8080 copy --trust trust.json\n  yurai mirror http://127.0.0.1:8080 copy --trust trust.json --listen 127.0.0.1:8090",
	}, cobra.ExactArgs(2), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "trust"); err != nil {
			return err
		}
		following := given(cmd, "listen")
		switch {
		case following && (given(cmd, "output") || form.json()):
			return misuse(cmd, "--listen has no result to write or form")
		case !following && given(cmd, "every"):
			return misuse(cmd, "--every goes with --listen")
		case every < mirrorLeast:
			return misuse(cmd, "--every is at least %s", mirrorLeast)
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		m := &mirroring{e: e, base: args[0], dir: args[1], trustFile: trustFile, trust: trust, every: every}
		if following {
			return m.follow(cmd.Context(), listen)
		}
		return m.once(cmd.Context(), &form, &out)
	})
	f := cmd.Flags()
	f.StringVar(&trustFile, "trust", "", "trust `FILE`")
	f.StringVar(&listen, "listen", "", "serve on this `ADDRESS` of this machine's loopback, and go on pulling")
	f.DurationVar(&every, "every", mirrorEvery, "with --listen, `TIME` between two pulls")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// mirroring is one run of the command.
type mirroring struct {
	e         *environment
	base, dir string
	trustFile string
	trust     *ledger.Trust
	every     time.Duration
	logger    *slog.Logger // nil discards

	copy   *server.Mirror
	memory *memory
}

// open opens the folder as a mirror of a log.
func (m *mirroring) open(ctx context.Context, origin string) error {
	log, ok := m.trust.Log(origin)
	if !ok {
		return ledger.Refuse("TRUST-LOG-UNKNOWN", "log %q is not among those that the trust file names", printable(origin))
	}
	var err error
	if m.copy, err = server.OpenMirror(ctx, m.dir, log, server.Options{Clock: m.e.now, Logger: m.logger}); err != nil {
		return err
	}
	m.memory = m.e.remember(m.trustFile, filepath.Join(m.dir, mirrorMemory), m.trust)
	return nil
}

// pull asks the log for its checkpoint, holds it against what was seen before, and
// pulls what it covers. What accuses the log is written as evidence.
func (m *mirroring) pull(ctx context.Context) error {
	if !m.e.now().Before(m.trust.Expires) {
		return ledger.Refuse("TRUST-FILE-EXPIRED", "%s expired on %s", m.trustFile, statement.FormatTime(m.trust.Expires))
	}
	r, head, err := meet(ctx, m.base, m.trust)
	if err != nil {
		return err
	}
	if m.copy == nil {
		if err := m.open(ctx, r.log.Origin); err != nil {
			return err
		}
	}
	if r.log.Origin != m.copy.Origin() {
		return ledger.Refuse("MIRROR-LOG-OTHER", "%s serves log %q, and %s is a mirror of %q", r.base, r.log.Origin, m.dir, m.copy.Origin())
	}
	if err := m.remind(ctx); err != nil {
		return err
	}
	if head, err = m.memory.published(ctx, r, head); err != nil {
		return err
	}
	// What is mirrored is what others are held to: the quorum that the trust file
	// demands, or nothing.
	if _, _, err := ledger.OpenCosigned(head.Note, r.log.Origin, r.log.Keys, m.trust.Witnesses); problem.Code(err) == "LOG-QUORUM-UNMET" {
		return err
	} else if err != nil {
		return refuse("CLI-ANSWER-MALFORMED", "the checkpoint that %s serves does not verify: %w", r.base, err)
	}
	src, err := openServer(ctx, m.base, m.trust)
	if err != nil {
		return err
	}
	return m.memory.accuse(m.copy.Pull(ctx, src, head))
}

// remind makes the memory remember what the mirror serves: a memory that was lost
// is no reason to believe a smaller or another log.
func (m *mirroring) remind(ctx context.Context) error {
	served, ok := m.copy.Signed()
	m.memory.quiet = ok
	for range maxTurns {
		seen, err := m.memory.recall(m.copy.Origin())
		if err != nil {
			return err
		}
		if !ok || seen.Published != nil && seen.Published.Size >= served.Size {
			return nil
		}
		next := seen
		next.Published = &served
		if done, err := m.memory.keep(ctx, m.copy.Origin(), seen, next); done || err != nil {
			return err
		}
	}
	return m.memory.busy()
}

// once pulls and says what is there.
func (m *mirroring) once(ctx context.Context, form *formatFlag, out *result) error {
	origin, err := mirror.Origin(m.dir)
	if err != nil {
		return err
	}
	began := int64(0)
	if origin != "" {
		if err := m.open(ctx, origin); err != nil {
			return err
		}
		began = m.copy.Size()
	}
	err = m.pull(ctx)
	if m.copy == nil {
		return err
	}
	defer m.copy.Close()
	if err != nil {
		return err
	}
	head, _ := m.copy.Signed()
	report := mirrorReport{Log: head.Origin, Size: head.Size, Root: head.Root.String(), Pulled: head.Size - began, Missing: m.copy.Missing()}
	if form.json() {
		line, err := json.Marshal(report)
		if err != nil {
			return err
		}
		out.Write(append(line, '\n'))
	} else {
		fmt.Fprintf(out, m.e.text("%s: %d entries mirrored, %d of them new\n  root %s\n", "%s：%d件の記録を複製しました（うち新規%d件）\n  ルート %s\n"), report.Log, report.Size, report.Pulled, report.Root)
	}
	if err := out.deliver(m.e); err != nil {
		return err
	}
	return m.missing()
}

// missing is the refusal for bills of materials that are not here.
func (m *mirroring) missing() error {
	if n := m.copy.Missing(); n > 0 {
		return ledger.Refuse("MIRROR-BLOBS-MISSING", "%d open bills of materials of %s could not be read", n, m.copy.Origin())
	}
	return nil
}

// follow serves the mirror and pulls until told to stop. A log that cannot be
// reached, or sends what is useless, is asked again; one that misbehaved is not
// followed any more, but what was verified is served, and the exit code says it in
// the end.
func (m *mirroring) follow(ctx context.Context, listen string) error {
	l, err := server.Listen(ctx, listen)
	if err != nil {
		return err
	}
	m.logger = slog.New(slog.NewTextHandler(m.e.stderr, nil))
	origin, err := mirror.Origin(m.dir)
	if err == nil && origin != "" {
		err = m.open(ctx, origin)
	} else if err == nil {
		err = m.pull(ctx) // the log says which one it is
	}
	if m.copy == nil {
		return errors.Join(err, l.Close())
	}
	first := err
	fmt.Fprintf(m.e.stdout, "http://%s\n", l.Addr())
	var misbehaved error
	err = m.copy.Serve(ctx, l, func(ctx context.Context) error {
		pending := origin != "" // else it was pulled above
		if first != nil {
			misbehaved = m.judge(ctx, first)
		}
		for ctx.Err() == nil {
			if pending && misbehaved == nil {
				if err := m.pull(ctx); fatal(err) {
					return err
				} else if err != nil && ctx.Err() == nil {
					misbehaved = m.judge(ctx, err)
				}
			}
			pending = true
			select {
			case <-ctx.Done():
			case <-time.After(m.every):
			}
		}
		return nil
	})
	return errors.Join(err, misbehaved, m.copy.Close())
}

// fatal reports whether the store no longer knows what it holds: the process has
// to open it again.
func fatal(err error) bool {
	return problem.Code(err) == "STORE-COMMIT-UNKNOWN" && !errors.Is(err, sequencer.ErrUnchanged)
}

// judge logs why a pull failed, and returns the error if it accuses the log.
func (m *mirroring) judge(ctx context.Context, err error) error {
	if exitOf(err) != exitMisbehaved {
		m.logger.LogAttrs(ctx, slog.LevelWarn, "pull failed", slog.String("code", problem.Code(err)), slog.String("error", printable(err.Error())))
		return nil
	}
	m.logger.LogAttrs(ctx, slog.LevelError, "the log misbehaved and is not followed any more", slog.String("code", problem.Code(err)), slog.String("error", printable(err.Error())))
	m.copy.Misbehaved(err.Error())
	return err
}
