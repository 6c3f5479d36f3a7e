package cli

import (
	"context"
	"crypto/sha256"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// proveEntry gathers the proof of an entry as c2sp.org/tlog-proof text: of the entry
// with a number, about a digest or a file, or that a bundle at hand is of, which needs
// no server.
func (e *environment) proveEntry(cmd *cobra.Command, word, server, trustFile string, trust *ledger.Trust, out *result) error {
	h, err := e.provable(cmd, word, server, trustFile, trust)
	if err != nil {
		return err
	}
	text, err := proofText(h.held, trust)
	if problem.Code(err) == "LOG-COSIGNATURE-INVALID" && h.fetched {
		return refuse("CLI-ANSWER-MALFORMED", "the bundle that %s sent does not verify: %w", server, err)
	}
	if err != nil {
		return err
	}
	out.Write(text)
	return out.deliver(e)
}

// provableEntry is a verified bundle, and whether a server sent it.
type provableEntry struct {
	held
	fetched bool
}

// provable returns the verified bundle of what a word on the command line means.
func (e *environment) provable(cmd *cobra.Command, word, server, trustFile string, trust *ledger.Trust) (provableEntry, error) {
	index, numbered := entryIndex(word)
	parsed, digestErr := statement.ParseDigest(word)
	digest := ledger.Hash(parsed)
	if !numbered && digestErr != nil {
		if statement.CheckParty(word) == nil || word == statement.Registrar || word == statement.Log {
			return provableEntry{}, misuse(cmd, "--proof is of one entry, and %q is a party", word)
		}
		raw, err := e.readInput(word, max(maxBOM, receiving.MaxBundle+1))
		if err != nil {
			return provableEntry{}, err
		}
		if strings.HasPrefix(formatOf(raw), "yurai-bundle/") {
			h, err := e.openHeld(word, raw, trust)
			return provableEntry{h, false}, err
		}
		digest = sha256.Sum256(raw)
	}
	if err := require(cmd, "server"); err != nil {
		return provableEntry{}, err
	}
	h, err := e.askFor(cmd.Context(), numbered, index, digest, server, trustFile, trust)
	return provableEntry{h, true}, err
}

// askFor asks a server for the bundle of an entry by its number, or else of that
// about a digest.
func (e *environment) askFor(ctx context.Context, numbered bool, index int64, digest ledger.Hash, server, trustFile string, trust *ledger.Trust) (held, error) {
	r, err := e.contact(ctx, server, trustFile, trust)
	if err != nil {
		return held{}, err
	}
	if numbered {
		return r.entry(ctx, index, trust)
	}
	h, err := r.find(ctx, digest, r.cp, nil, trust)
	if err != nil {
		return held{}, err
	}
	return *h, r.memory.committed(ctx, r.remote, h.signed())
}

// proofText returns the proof of a bundle's entry, against the bundle's checkpoint
// with the cosignatures that are in it, after it was verified as whoever gets it
// would under the trust file. Extra data are the leaf, from which its hash follows.
func proofText(h held, trust *ledger.Trust) ([]byte, error) {
	log, _ := trust.Log(h.bundle.Log)
	p := ledger.Proof{
		Index: h.evidence.Index, Hashes: h.bundle.Statement.Proof,
		Extra: h.evidence.Leaf, Note: plainLines(h.bundle.Checkpoint),
	}
	if _, _, err := p.Verify(ledger.LeafHash(p.Extra), log.Origin, log.Keys, trust.Witnesses); err != nil {
		return nil, err
	}
	return ledger.FormatProof(p)
}

// plainLines returns a signed checkpoint without signature lines that a terminal
// would obey or reorder: of keys that nobody asked for, since the origin and the
// trusted keys are verified behind it.
func plainLines(note []byte) []byte {
	var b strings.Builder
	for line := range strings.Lines(string(note)) {
		if text := strings.TrimSuffix(line, "\n"); printable(text) == text {
			b.WriteString(line)
		}
	}
	return []byte(b.String())
}
