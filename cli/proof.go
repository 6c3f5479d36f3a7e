package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
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

// inclusionFormat is the "format" member of `verify -f json` for a proof as text.
const inclusionFormat = "yurai-inclusion/1"

// inclusion is what a proof as text proves.
type inclusion struct {
	Format    string     `json:"format"`
	Log       string     `json:"log"`
	Index     int64      `json:"index"`
	Size      int64      `json:"size"`
	Root      string     `json:"root"`
	Leaf      string     `json:"leaf"` // its hash
	Witnesses []cosigner `json:"witnesses"`
}

// cosigner is a witness of the trust file that cosigned.
type cosigner struct {
	Name string `json:"name"` // of its key
	Time string `json:"time"` // by its clock
}

// isProof reports whether a file means to be a proof as text.
func isProof(raw []byte) bool { return bytes.HasPrefix(raw, []byte("c2sp.org/tlog-proof")) }

// verifyProof gathers what a proof as text proves of the leaf that it carries.
func (e *environment) verifyProof(file string, raw []byte, trust *ledger.Trust, form *formatFlag, out *result) error {
	p, err := ledger.ParseProof(raw)
	if err == nil && p.Extra == nil {
		err = ledger.Refuse("LOG-PROOF-MALFORMED", "the text of the proof carries no leaf")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	origin, _, _ := strings.Cut(string(p.Note), "\n")
	log, ok := trust.Log(origin)
	if !ok {
		return ledger.Refuse("TRUST-LOG-UNKNOWN", "%s is of log %q, which the trust file does not name", file, printable(origin))
	}
	leaf := ledger.LeafHash(p.Extra)
	s, cosigned, err := p.Verify(leaf, log.Origin, log.Keys, trust.Witnesses)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	v := inclusion{
		Format: inclusionFormat, Log: s.Origin, Index: p.Index, Size: s.Size, Root: s.Root.String(),
		Leaf: leaf.String(), Witnesses: []cosigner{},
	}
	for _, c := range cosigned {
		v.Witnesses = append(v.Witnesses, cosigner{c.Verifier.Name(), statement.FormatTime(c.Time)})
	}
	if !form.json() {
		v.print(e, out)
		return nil
	}
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	out.Write(append(harmless(line), '\n'))
	return nil
}

func (v inclusion) print(e *environment, out *result) {
	line := func(en, ja, value string) {
		fmt.Fprintf(out, "  %s%s\n", pad(e.text(en, ja), 12), printable(value))
	}
	fmt.Fprintln(out, e.text("The leaf is in the log; nothing is said of who signed it.", "この記録は台帳に含まれています（署名者については確認していません）。"))
	line("log", "台帳", e.text(fmt.Sprintf("%s, entry %d of %d", v.Log, v.Index, v.Size), fmt.Sprintf("%s、%d件中の記録 %d", v.Log, v.Size, v.Index)))
	line("root", "ルート", v.Root)
	line("leaf", "記録", v.Leaf)
	for _, w := range v.Witnesses {
		line("witness", "立会人", w.Name+" "+w.Time)
	}
}
