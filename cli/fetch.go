package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// maxCandidates bounds how many entries about one file are looked at.
const maxCandidates = 16

func newFetch(e *environment) *cobra.Command {
	var server, trustFile, state, file, profile string
	var openings []string
	var linked, isPolicy bool
	cmd := leaf(e, &cobra.Command{
		Use:   "fetch (FILE [--linked | --policy] | --profile ID [--opening FILE]…) --server URL --trust T [--state FILE] [-o FILE.yurai.json]",
		Short: "Renew the bundle of a file, or get its first one",
		Long: `Ask the log for the entry about FILE and write its bundle as of now beside it as
FILE.yurai.json, after it was verified. A bundle at hand is replaced only by one that
is at least as new, has a status if the old one had, and whose log begins with the
one that the old bundle saw. What
the log shows is compared with every checkpoint seen of it before, and remembered.
Exit 13, with a file of evidence, if the log went back or shows another history.

--linked also fetches the bills of materials that FILE links to by SHA-256, and those
that they link to, with their bundles, into FILE.linked, where check finds them. Only
the log's server is asked, never a URL of a link. What is held, or is not in the log, is
named. Bounds: 8 links deep, 64 documents, 256 MiB.

With --policy FILE is a policy, and the bundle that of its entry: of the signer that the
trust file pins, if it pins one. --profile asks for the newest profile of a party; with
--opening the bundle carries what opens its fields, so hand it only to whom you open
them.`,
		Example: `  yurai fetch relay.cdx.json --server http://127.0.0.1:8080 --trust trust.json
  yurai fetch --profile x:vendor --opening profile.yaml.openings.json -o vendor.yurai.json \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.MaximumNArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "server", "trust"); err != nil {
			return err
		}
		switch {
		case (profile == "") != (len(args) == 1):
			return misuse(cmd, "FILE or --profile must be given, and not both")
		case profile != "" && (linked || isPolicy), linked && isPolicy:
			return misuse(cmd, "--linked, --policy and --profile exclude each other")
		case profile == "" && len(openings) > 0:
			return misuse(cmd, "--opening goes with --profile")
		case profile != "" && file == "":
			return misuse(cmd, "--output must be given with --profile")
		case profile != "" && statement.CheckParty(profile) != nil:
			return misuse(cmd, "--profile %q is no id of a party", profile)
		}
		if profile != "" {
			args = []string{""}
		}
		if args[0] == "-" && file == "" {
			return misuse(cmd, "--output must be given with standard input")
		}
		if args[0] == "-" && linked {
			return misuse(cmd, "--linked needs a file, beside which it keeps what is linked")
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		var raw []byte
		if profile == "" {
			if raw, err = e.readInput(args[0], maxBOM); err != nil {
				return err
			}
		}
		if file == "" {
			file = bundleName(args[0])
		}
		ctx := cmd.Context()
		m := e.remember(trustFile, state, trust)
		r, head, err := m.meet(ctx, server)
		if err != nil {
			return err
		}
		old, _ := e.localBundle(file, trust)
		if old != nil && old.bundle.Log != head.Origin {
			return refuse("CLI-ANSWER-MALFORMED", "%s serves log %s, %s is of %s", r.base, head.Origin, file, old.bundle.Log)
		}
		if old != nil && old.evidence.Checkpoint.Size <= head.Size {
			if err := r.consistent(ctx, old.signed(), head); err != nil {
				return m.accuse(err)
			}
		}
		var fresh *held
		switch {
		case profile != "":
			if fresh, err = r.profileOf(ctx, profile, trust); err == nil {
				fresh, err = e.opened(fresh, openings, trust)
			}
		case isPolicy:
			fresh, err = r.policyOf(ctx, raw, trust)
		default:
			fresh, err = r.find(ctx, ledger.Hash(sha256.Sum256(raw)), head.Checkpoint, old, trust)
		}
		if err != nil {
			return err
		}
		if err := m.keepNewer(ctx, r, file, *fresh); err != nil {
			return err
		}
		e.printf("entry %d of %s: %s\n", "%[2]s の記録 %[1]d：%[3]s\n", fresh.evidence.Index, fresh.bundle.Log, file)
		if !linked {
			return nil
		}
		c := collecting{e: e, memory: m, remote: r, head: head, folder: linkedFolder(args[0])}
		code, err := c.collect(ctx, raw)
		if err != nil {
			return err
		}
		return end(code)
	})
	f := cmd.Flags()
	f.StringVar(&server, "server", "", "`URL` of the log's server")
	f.StringVar(&trustFile, "trust", "", "trust `FILE`")
	stateFlag(cmd, &state, "")
	f.BoolVar(&linked, "linked", false, "also fetch what FILE links to, into FILE.linked")
	f.BoolVar(&isPolicy, "policy", false, "FILE is a policy")
	f.StringVar(&profile, "profile", "", "`ID` of the party whose profile is fetched")
	f.StringArrayVar(&openings, "opening", nil, "with --profile, `FILE` of openings to put into the bundle; may be repeated")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the bundle (default FILE.yurai.json)")
	return cmd
}

// localBundle returns the verified bundle in a file, nil if the file is absent
// or does not verify, and why.
func (e *environment) localBundle(file string, trust *ledger.Trust) (*held, error) {
	raw, err := readFile(file, receiving.MaxBundle+1)
	if err != nil {
		return nil, err
	}
	h, err := openBundle(raw, trust)
	if err != nil {
		return nil, err
	}
	return &h, nil
}

// find returns the verified bundle of the entry about a BOM. Where old is about
// the same bytes in this log, that entry is asked for and no other: a server that
// leaves it out contradicts a proof (CLI-ANSWER-MALFORMED) or is behind it
// (CLI-BUNDLE-OLDER). Else void entries are nobody's word if there are others: a
// thief who submits the bytes first takes them from nobody. The entries must be of
// one party, since nothing says whose word was wanted (CLI-PARTY-SEVERAL), and of
// these the one with the gravest standing is returned, the first of equals: signing
// the same bytes again does not undo what was said of them. No entry at all is
// LOG-ENTRY-ABSENT.
func (r *remote) find(ctx context.Context, digest ledger.Hash, cp ledger.Checkpoint, old *held, trust *ledger.Trust) (*held, error) {
	indices, size, err := r.lookup(ctx, digest, cp)
	if err != nil {
		return nil, err
	}
	if old != nil && old.bundle.Log == r.log.Origin && old.digest() == digest {
		index := old.evidence.Index
		switch {
		case slices.Contains(indices, index):
			indices = []int64{index}
		case index >= size:
			return nil, refuse("CLI-BUNDLE-OLDER", "the server has %d entries, the bundle at hand is of entry %d", size, index)
		default:
			return nil, refuse("CLI-ANSWER-MALFORMED", "%s leaves out entry %d, which the bundle at hand proves", r.base, index)
		}
	}
	if len(indices) == 0 {
		return nil, ledger.Refuse("LOG-ENTRY-ABSENT", "none of the %d entries of %s is about %s", size, r.log.Origin, digest)
	}
	if len(indices) > maxCandidates {
		return nil, refuse("CLI-PARTY-SEVERAL", "%d entries are about %s, too many to look at", len(indices), digest)
	}
	var list, fallen []held
	for _, i := range indices {
		h, err := r.bundle(ctx, i, trust)
		if err != nil {
			return nil, err
		}
		if h.evidence.Index != i || h.digest() != digest {
			return nil, refuse("CLI-ANSWER-MALFORMED", "the bundle of entry %d is about something else", i)
		}
		if h.evidence.Standing.Word == registry.Void {
			fallen = append(fallen, h)
		} else {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		list = fallen
	}
	best := &list[0]
	for i := range list {
		h := &list[i]
		if h.evidence.Party != best.evidence.Party {
			return nil, refuse("CLI-PARTY-SEVERAL", "%s signed %s as entry %d, %s as entry %d", best.evidence.Party, digest, best.evidence.Index, h.evidence.Party, h.evidence.Index)
		}
		if gravity(h.evidence.Standing) > gravity(best.evidence.Standing) {
			best = h
		}
	}
	return best, nil
}

// gravity orders standings by what they do to a verdict.
func gravity(s registry.Standing) int {
	switch s.Word {
	case registry.Admitted:
		return 0
	case registry.ValidThen:
		return 1
	case registry.Superseded:
		if !s.Corrected() {
			return 2
		}
	}
	return 3
}

// keepNewer writes a verified bundle, unless the one in the file is newer or saw
// another history of the log, or what is remembered of the log contradicts it.
func (m *memory) keepNewer(ctx context.Context, r *remote, file string, fresh held) error {
	if err := m.committed(ctx, r, fresh.signed()); err != nil {
		return err
	}
	old, err := m.e.localBundle(file, m.trust)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		// What does not verify is worth nothing: it is replaced, and said so.
		m.e.complainAbout(file, err)
	case old.bundle.Log != fresh.bundle.Log:
	default:
		err := r.consistent(ctx, old.signed(), fresh.signed())
		switch ahead := old.evidence.Checkpoint.Size > fresh.evidence.Checkpoint.Size; {
		case exitOf(err) == exitMisbehaved || err != nil && !ahead:
			return m.accuse(err)
		case ahead:
			return refuse("CLI-BUNDLE-OLDER", "%s was made at %d entries, the server's at %d", file, old.evidence.Checkpoint.Size, fresh.evidence.Checkpoint.Size)
		case worse(fresh, *old, m.trust, m.e.now()):
			return refuse("CLI-BUNDLE-OLDER", "the server's has no status, an older one than %s, or fewer witnesses", file)
		}
	}
	return replaceFile(file, fresh.raw, 0o644)
}

// worse reports whether a bundle at least as new says less than another one of the
// same bytes: its status is not usable, or of the same tree and older, or the quorum of
// witnesses that the trust file demands is missing. That an entry
// stands worse than it did is always worth knowing.
func worse(fresh, old held, trust *ledger.Trust, now time.Time) bool {
	if fresh.digest() != old.digest() || fresh.evidence.Index != old.evidence.Index || gravity(fresh.evidence.Standing) > gravity(old.evidence.Standing) {
		return false
	}
	// Cosigned by those whom the trust file demands is more than not.
	if fresh.evidence.Checkpoint == old.evidence.Checkpoint && old.evidence.Witnessed(trust, now) && !fresh.evidence.Witnessed(trust, now) {
		return true
	}
	made := func(h held) time.Time {
		if s := h.evidence.Status; s != nil && !receiving.Ahead(s.Made, now) {
			return s.Made
		}
		return time.Time{}
	}
	before, after := made(old), made(fresh)
	if before.IsZero() {
		return false
	}
	return after.IsZero() || fresh.evidence.Checkpoint == old.evidence.Checkpoint && after.Before(before)
}
