package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// entryFormat is the "format" member of `show -f json` for an entry.
const entryFormat = "yurai-entry/1"

// entryView is an entry that was verified.
type entryView struct {
	Format    string         `json:"format"`
	Log       string         `json:"log"`
	Index     int64          `json:"index"`
	Size      int64          `json:"size"`
	Kind      string         `json:"kind"`
	Party     string         `json:"party"`
	Name      string         `json:"name,omitzero"` // as the registrar enrolled it
	Made      string         `json:"made"`          // the signer's claim
	Keys      []string       `json:"keys"`
	Standing  string         `json:"standing"`
	Status    string         `json:"status,omitzero"`   // time of the log's word that the standing is all there is
	Statement jsontext.Value `json:"statement"`         // what was signed
	Decision  string         `json:"decision,omitzero"` // what people made of a verdict; never "accept"
	Fields    []fieldView    `json:"fields,omitzero"`   // that are told, opened or committed to

	about  string // digest or party that the statement is about, "" for neither
	opened []statement.Opened
}

// fieldView is a field of a statement that may be a commitment.
type fieldView struct {
	Pointer string `json:"pointer"`
	State   string `json:"state"` // open, opened or committed
	Value   string `json:"value,omitzero"`
}

func newShow(e *environment) *cobra.Command {
	var server, trustFile string
	var with revealing
	var form formatFlag
	var out result
	var proof bool
	cmd := leaf(e, &cobra.Command{
		Use:   "show INDEX|DIGEST|PARTY|FILE --server URL --trust T [--openings FILE] [--verdict FILE [--policy P]] [--proof] [-f table|json]",
		Short: "Show an entry, the entries about a digest, or a party",
		Long: `Ask the log for an entry by its number, for the entries about a bill of materials by
its digest (sha256:…), or for a party by its id, verify what it answers, and show it.
For a party the whole log is read and verified, as ` + "`yurai party show`" + ` does. With -f json
one line an entry. Exit 12 if the log has nothing of it.

Of a verdict, a decision or a profile each field is shown as told (open), as opened by
--openings, or as committed to and not known. A false opening, or one for another entry
or field, ends with 11. With --verdict FILE a verdict's entry is compared with the file,
and a decision judged by it: is it on this verdict, does the policy let anybody waive
these rules, has the waiver ended.

--proof writes the proof of one entry instead, of INDEX or of the entry about DIGEST or
FILE, as c2sp.org/tlog-proof text, to be kept as *.tlog-proof: the checkpoint with the
cosignatures there are, and the leaf as extra data. Other programs verify it with the
keys of log and witnesses. Of a bundle, FILE.yurai.json, it needs no server. It proves
that the leaf is in the log, not that it still stands. Exit 14 as long as too few
witnesses have cosigned for the trust file's quorum.`,
		Example: `  yurai show 3 --server http://127.0.0.1:8080 --trust trust.json
  yurai show 9 --openings verdict.json.openings.json --server http://127.0.0.1:8080 --trust trust.json
  yurai show relay.cdx.json.yurai.json --proof --trust trust.json -o relay.tlog-proof`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		need := []string{"server", "trust"}
		if proof {
			need = need[1:]
		}
		if err := require(cmd, need...); err != nil {
			return err
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		word := args[0]
		if proof {
			if given(cmd, "format") || with.asked() {
				return misuse(cmd, "--proof writes text of its own, and nothing else")
			}
			return e.proveEntry(cmd, word, server, trustFile, trust, &out)
		}
		index, numbered := entryIndex(word)
		digest, digestErr := statement.ParseDigest(word)
		party := statement.CheckParty(word) == nil || word == statement.Registrar || word == statement.Log
		if !numbered && with.asked() {
			return misuse(cmd, "--openings and --verdict go with the number of an entry")
		}
		if !numbered && digestErr != nil && !party {
			return misuse(cmd, "%q is no number of an entry, digest or id of a party", word)
		}
		r, err := e.contact(ctx, server, trustFile, trust)
		if err != nil {
			return err
		}
		if !numbered && digestErr != nil {
			known, err := r.replay(ctx, r.cp)
			if err != nil {
				return err
			}
			return e.showParty(&out, known, word, form.json())
		}
		indices, more := []int64{index}, 0
		if !numbered {
			if indices, more, err = r.about(ctx, ledger.Hash(digest), r.cp); err != nil {
				return err
			}
		}
		for i, index := range indices {
			h, err := r.entry(ctx, index, trust)
			if err != nil {
				return err
			}
			if !numbered && h.digest() != ledger.Hash(digest) {
				return refuse("CLI-ANSWER-MALFORMED", "entry %d is about something else than %s", index, digest)
			}
			v, err := entryOf(h)
			if err != nil {
				return err
			}
			if err := with.reveal(e, h, &v); err != nil {
				return err
			}
			if form.json() {
				line, err := json.Marshal(v)
				if err != nil {
					return err
				}
				out.Write(append(harmless(line), '\n'))
				continue
			}
			if i > 0 {
				fmt.Fprintln(&out)
			}
			if err := v.print(e, &out); err != nil {
				return err
			}
		}
		if err := out.deliver(e); err != nil {
			return err
		}
		if more > 0 {
			e.say(fmt.Sprintf("%d more entries about it are not shown", more), fmt.Sprintf("ほかに%d件の記録があります（表示していません）", more))
		}
		return nil
	})
	cmd.Flags().StringVar(&server, "server", "", "`URL` of the log's server")
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE`")
	cmd.Flags().BoolVar(&proof, "proof", false, "write the entry's proof as c2sp.org/tlog-proof text")
	with.flags(cmd)
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// about returns the first entries about a digest and how many more there are.
func (r *remote) about(ctx context.Context, digest ledger.Hash, cp ledger.Checkpoint) ([]int64, int, error) {
	indices, size, err := r.lookup(ctx, digest, cp)
	if err != nil {
		return nil, 0, err
	}
	if len(indices) == 0 {
		return nil, 0, refuse("CLI-ENTRY-ABSENT", "none of the %d entries of %s is about %s", size, r.log.Origin, digest)
	}
	n := min(len(indices), maxCandidates)
	return indices[:n], len(indices) - n, nil
}

// entry returns the verified bundle of an entry below the checkpoint, or of one
// that a look-up named, compared with what is remembered of the log.
func (r *contact) entry(ctx context.Context, index int64, trust *ledger.Trust) (held, error) {
	if index >= r.cp.Size {
		return held{}, absentEntry(r.log.Origin, r.cp.Size, index)
	}
	h, err := r.bundle(ctx, index, trust)
	if err != nil {
		return held{}, err
	}
	if h.evidence.Index != index {
		return held{}, refuse("CLI-ANSWER-MALFORMED", "%s answers with entry %d for entry %d", r.base, h.evidence.Index, index)
	}
	return h, r.memory.committed(ctx, r.remote, h.signed())
}

func entryOf(h held) (entryView, error) {
	ev := h.evidence
	leaf, err := envelope.ParseLeaf(ev.Leaf)
	if err != nil {
		return entryView{}, err
	}
	v := entryView{
		Format: entryFormat, Log: h.bundle.Log, Index: ev.Index, Size: ev.Checkpoint.Size,
		Kind: string(ev.Statement.Kind), Party: ev.Party, Name: ev.PartyName, Made: statement.FormatTime(ev.Statement.Made),
		Keys: ev.KeyIDs, Standing: string(ev.Standing.Word), Statement: jsontext.Value(leaf.Payload()),
		about: aboutOf(ev.Statement),
	}
	if ev.Status != nil {
		v.Status = statement.FormatTime(ev.Status.Made)
	}
	return v, nil
}

func (v entryView) print(e *environment, out *result) error {
	line := func(en, ja, value string) {
		fmt.Fprintf(out, "  %s%s\n", pad(e.text(en, ja), 12), printable(value))
	}
	fmt.Fprintln(out, printable(e.text(
		fmt.Sprintf("entry %d of %d in %s", v.Index, v.Size, v.Log),
		fmt.Sprintf("%s の%d件中の記録 %d", v.Log, v.Size, v.Index))))
	name := v.Party
	if v.Name != "" {
		name = fmt.Sprintf("%s (%s)", v.Party, v.Name)
	}
	line("party", "当事者", name)
	line("kind", "種別", v.Kind)
	if v.about != "" {
		line("about", "対象", v.about)
	}
	line("made", "作成時刻", v.Made+e.text(" (the signer's claim)", "（署名者の申告）"))
	line("keys", "鍵", strings.Join(v.Keys, " "))
	line("standing", "状態", v.Standing)
	if v.Status != "" {
		line("as of", "時点", v.Status)
	}
	if v.Decision != "" {
		line("decision", "判断", v.Decision)
	}
	v.printFields(e, out)
	var said struct {
		Predicate jsontext.Value `json:"predicate"`
	}
	if err := json.Unmarshal(v.Statement, &said); err != nil {
		return err
	}
	if err := said.Predicate.Indent(jsontext.WithIndentPrefix("    "), jsontext.WithIndent("  ")); err != nil {
		return err
	}
	fmt.Fprintf(out, "  %s\n    %s\n", e.text("says", "内容"), harmless(said.Predicate))
	return nil
}
