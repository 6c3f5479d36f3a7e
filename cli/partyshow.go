package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// partyFormat is the "format" member of `party show -f json`.
const partyFormat = "yurai-party/1"

// partyView is what a log says of a party at a size.
type partyView struct {
	Format       string           `json:"format"`
	Log          string           `json:"log"`
	Size         int64            `json:"size"`
	Whole        bool             `json:"whole"` // false: as far as a bundle knows
	ID           string           `json:"id"`
	Name         string           `json:"name,omitzero"`
	Version      int64            `json:"version,omitzero"`
	Incorporated string           `json:"incorporated,omitzero"`
	Roles        []string         `json:"roles,omitzero"`
	SpeaksFor    []string         `json:"speaksFor,omitzero"`
	Threshold    int64            `json:"threshold"`
	Keys         []partyKey       `json:"keys"` // those that stand at the size
	Delegates    []partyDelegate  `json:"delegates"`
	Revocations  []partyRevoked   `json:"revocations"`
	Suspended    []partySuspended `json:"suspended"` // by whom it is held now
	Attestations []partyAttested  `json:"attestations"`
	Entries      []partyEntry     `json:"entries"` // that make the party what it is, ascending
}

type partyKey struct {
	ID        string `json:"id"`
	Algorithm string `json:"algorithm"`
}

type partyDelegate struct {
	Index    int64    `json:"index"`
	Key      string   `json:"key"`
	Products []string `json:"products,omitzero"`
	End      string   `json:"end"`
}

type partyRevoked struct {
	Index       int64  `json:"index"`
	By          string `json:"by"`
	Target      string `json:"target"`
	Key         string `json:"key,omitzero"`
	Reason      string `json:"reason"`
	InvalidFrom int64  `json:"invalidFrom"`
}

type partySuspended struct {
	Index  int64  `json:"index"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

type partyAttested struct {
	Index    int64  `json:"index"`
	By       string `json:"by"`
	Standard string `json:"standard"`
	Scope    string `json:"scope"`
	Findings string `json:"findings"`
	Standing string `json:"standing"`
}

type partyEntry struct {
	Index    int64  `json:"index"`
	Kind     string `json:"kind"`
	Standing string `json:"standing"`
}

func newPartyShow(e *environment) *cobra.Command {
	var server, trustFile, bundle string
	var form formatFlag
	var out result
	cmd := leaf(e, &cobra.Command{
		Use:   "show ID (--server URL | --bundle FILE.yurai.json) --trust T [-f table|json]",
		Short: "Show a party: its keys, delegates, revocations and suspensions",
		Long: `Show what the log says of a party, of the registrar or of the log itself, as of now:
the whole log is read and verified entry by entry. With --bundle, nothing is asked for,
and what is shown is as old and as complete as the bundle.`,
		Example: "  yurai party show x:hoshino-relay --server http://127.0.0.1:8080 --trust trust.json",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "trust"); err != nil {
			return err
		}
		if (server == "") == (bundle == "") {
			return misuse(cmd, "one of --server and --bundle must be given, not both")
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		var known *replayed
		if bundle != "" {
			h, err := e.readBundle(bundle, trust)
			if err != nil {
				return err
			}
			if known, err = replayBundle(h); err != nil {
				return err
			}
		} else if known, err = e.replayServer(cmd.Context(), server, trustFile, trust); err != nil {
			return err
		}
		return e.showParty(&out, known, args[0], form.json())
	})
	cmd.Flags().StringVar(&server, "server", "", "`URL` of the log's server")
	cmd.Flags().StringVar(&trustFile, "trust", "", "trust `FILE`")
	cmd.Flags().StringVar(&bundle, "bundle", "", "`FILE.yurai.json` to look into instead of asking a server")
	form.flag(cmd, "table", "json")
	out.flag(cmd)
	return cmd
}

// replayServer reads and verifies the whole log of a server.
func (e *environment) replayServer(ctx context.Context, server, trustFile string, trust *ledger.Trust) (*replayed, error) {
	r, err := e.contact(ctx, server, trustFile, trust)
	if err != nil {
		return nil, err
	}
	return r.replay(ctx, r.cp)
}

// showParty writes what is known of a party.
func (e *environment) showParty(out *result, k *replayed, who string, asJSON bool) error {
	v, err := k.party(who)
	if err != nil {
		return err
	}
	if asJSON {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		out.Write(append(harmless(line), '\n'))
	} else {
		v.print(e, out)
	}
	return out.deliver(e)
}

// party gathers what is known of a party.
func (k *replayed) party(who string) (partyView, error) {
	v := partyView{
		Format: partyFormat, Log: k.state().Origin(), Size: k.size, Whole: k.whole, ID: who,
		Keys: []partyKey{}, Delegates: []partyDelegate{}, Revocations: []partyRevoked{}, Suspended: []partySuspended{}, Attestations: []partyAttested{}, Entries: []partyEntry{},
	}
	if err := k.enrolled(who); problem.Code(err) == "CLI-PARTY-UNKNOWN" {
		return v, refuse("CLI-ENTRY-ABSENT", "%v", err)
	} else if err != nil {
		return v, err
	}
	if now, ok := k.state().PartyAt(who, k.size); ok {
		p := now.Party
		v.Name, v.Version, v.Incorporated, v.Roles, v.SpeaksFor = p.Name, p.Version, p.Incorporated, p.Roles, p.SpeaksFor
	}
	set, _ := k.state().KeysAt(who, k.size)
	v.Threshold = set.Threshold
	for _, key := range set.Keys {
		v.Keys = append(v.Keys, partyKey{key.ID(), key.Algorithm()})
	}
	for index, st := range k.statements {
		switch body := st.Body.(type) {
		case *statement.Delegate:
			if body.Party[0] == who && k.inForce(index, body) {
				v.Delegates = append(v.Delegates, partyDelegate{index, body.Key.ID(), body.Scope.Products, statement.FormatTime(body.End)})
			}
		case *statement.Revoke:
			if body.Of == who {
				from := index
				if body.InvalidFrom != nil {
					from = *body.InvalidFrom
				}
				v.Revocations = append(v.Revocations, partyRevoked{index, st.Actor(), body.Target, body.Key, body.Reason, from})
			}
		case *statement.Attestation:
			if s, ok := k.history.Standing(index, k.size); ok && s.First == index && body.About == who {
				v.Attestations = append(v.Attestations, partyAttested{index, st.Actor(), body.Standard, body.Scope, body.Findings, string(s.Word)})
			}
		}
	}
	for _, index := range k.history.Suspended(who, k.size) {
		if body, ok := k.statements[index].Body.(*statement.Suspend); ok {
			v.Suspended = append(v.Suspended, partySuspended{index, body.Party[0], body.Reason})
		}
	}
	for index, st := range k.statements {
		if concernsParty(st, who) {
			standing, _ := k.history.Standing(index, k.size)
			v.Entries = append(v.Entries, partyEntry{index, string(st.Kind), string(standing.Word)})
		}
	}
	slices.SortFunc(v.Delegates, func(a, b partyDelegate) int { return int(a.Index - b.Index) })
	slices.SortFunc(v.Revocations, func(a, b partyRevoked) int { return int(a.Index - b.Index) })
	slices.SortFunc(v.Attestations, func(a, b partyAttested) int { return int(a.Index - b.Index) })
	slices.SortFunc(v.Entries, func(a, b partyEntry) int { return int(a.Index - b.Index) })
	return v, nil
}

// inForce reports whether a delegation is the last for its key that stands, and
// the key is not revoked.
func (k *replayed) inForce(index int64, d *statement.Delegate) bool {
	if s, ok := k.history.Standing(index, k.size); !ok || s.First != index || s.Word == registry.Void {
		return false
	}
	for i, st := range k.statements {
		switch later := st.Body.(type) {
		case *statement.Delegate:
			if i > index && later.Party[0] == d.Party[0] && later.Key.Equal(d.Key) {
				if s, ok := k.history.Standing(i, k.size); ok && s.First == i && s.Word != registry.Void {
					return false
				}
			}
		case *statement.Revoke:
			if later.Of == d.Party[0] && (later.Target == statement.TargetParty || later.Target == statement.TargetDelegate && later.Key == d.Key.ID()) {
				return false
			}
		}
	}
	return true
}

// concernsParty reports whether a statement is about who a party is and which
// keys sign for it.
func concernsParty(st *statement.Statement, who string) bool {
	switch body := st.Body.(type) {
	case *statement.Genesis:
		return who == statement.Registrar || who == statement.Log
	case *statement.Party:
		return body.ID == who
	case *statement.Keys:
		return body.Party[0] == who
	case *statement.Delegate:
		return body.Party[0] == who
	case *statement.Revoke:
		return body.Of == who
	case *statement.Suspend:
		return body.About == who
	}
	return false
}

// quorum says how many of the party's keys have to sign, or why nothing that they
// sign counts and what mends it.
func (v partyView) quorum(e *environment) string {
	n, of := v.Threshold, len(v.Keys)
	reserved := v.ID == statement.Registrar || v.ID == statement.Log
	gone := slices.ContainsFunc(v.Revocations, func(r partyRevoked) bool { return r.Target == statement.TargetParty })
	switch {
	case int64(of) >= n && of > 0:
		return e.text(fmt.Sprintf("%d of %d must sign", n, of), fmt.Sprintf("%d本中%d本の署名が必要", of, n))
	case gone:
		return e.text("none: the whole party is revoked and does not come back", "なし：当事者全体が失効しており、復帰できません")
	case reserved && of == 0:
		return e.text("all void: nothing can be signed in its name any more", "すべて無効：今後この名義の署名はできません")
	case reserved:
		return e.text(fmt.Sprintf("%d must sign and only %d stand: nothing can be signed in its name any more", n, of),
			fmt.Sprintf("%d本の署名が必要ですが、有効な鍵は%d本です：今後この名義の署名はできません", n, of))
	case of == 0:
		return e.text("all void: it signs nothing until `yurai party change --new` puts new keys in their place",
			"すべて無効：`yurai party change --new` で新しい鍵に替えるまで署名できません")
	}
	return e.text(fmt.Sprintf("%d must sign and only %d stand: it signs nothing until `yurai party change --new` puts new keys in their place", n, of),
		fmt.Sprintf("%d本の署名が必要ですが、有効な鍵は%d本です：`yurai party change --new` で新しい鍵に替えるまで署名できません", n, of))
}

func (v partyView) print(e *environment, out *result) {
	line := func(en, ja, value string) {
		fmt.Fprintf(out, "  %s%s\n", pad(e.text(en, ja), 12), printable(value))
	}
	name := v.ID
	if v.Name != "" {
		name = fmt.Sprintf("%s (%s)", v.ID, v.Name)
	}
	fmt.Fprintln(out, printable(name))
	line("log", "台帳", e.text(fmt.Sprintf("%s, %d entries", v.Log, v.Size), fmt.Sprintf("%s、%d件", v.Log, v.Size)))
	if !v.Whole {
		line("", "", e.text("as far as the bundle knows", "証明束から分かる範囲"))
	}
	if v.Version > 0 {
		line("version", "版", fmt.Sprint(v.Version))
		line("country", "設立準拠法国", v.Incorporated)
		line("roles", "役割", strings.Join(v.Roles, ", "))
	}
	if v.SpeaksFor != nil {
		line("speaks for", "代弁する当事者", strings.Join(v.SpeaksFor, ", "))
	}
	line("keys", "鍵", v.quorum(e))
	for _, k := range v.Keys {
		line("  key", "  鍵", k.ID+" "+k.Algorithm)
	}
	for _, d := range v.Delegates {
		what := e.text("all products", "全製品")
		if d.Products != nil {
			what = strings.Join(d.Products, ", ")
		}
		line("delegate", "受任鍵", e.text(
			fmt.Sprintf("%s until %s, %s (entry %d)", d.Key, d.End, what, d.Index),
			fmt.Sprintf("%s（%s まで、%s、記録 %d）", d.Key, d.End, what, d.Index)))
	}
	for _, r := range v.Revocations {
		key := r.Key
		if key == "" {
			key = e.text("the whole party", "当事者全体")
		}
		line("revoked", "失効", e.text(
			fmt.Sprintf("%s from entry %d on, %s (entry %d by %s)", key, r.InvalidFrom, r.Reason, r.Index, r.By),
			fmt.Sprintf("%s（記録 %d 以降、理由 %s、%s による記録 %d）", key, r.InvalidFrom, r.Reason, r.By, r.Index)))
	}
	for _, s := range v.Suspended {
		line("suspended", "一時停止", e.text(
			fmt.Sprintf("%s (entry %d by %s)", s.Reason, s.Index, s.By),
			fmt.Sprintf("%s（%s による記録 %d）", s.Reason, s.By, s.Index)))
	}
	for _, x := range v.Attestations {
		line("attested", "証明書", x.text(e))
	}
	for _, x := range v.Entries {
		line("entry", "記録", fmt.Sprintf("%d %s: %s", x.Index, x.Kind, x.Standing))
	}
}
