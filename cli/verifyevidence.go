package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/audit"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

// accusation is what an evidence file shows, as `verify -f json` prints it.
type accusation struct {
	Format string     `json:"format"`
	Kind   audit.Kind `json:"kind"`
	Weight string     `json:"weight"`
	Log    string     `json:"log"`
	Trees  []treeHead `json:"trees"` // signed by the log
	Party  string     `json:"party,omitzero"`
	// Entries are the two of an equivocation; of a false status the one that it is
	// about and the one that it leaves out.
	Entries  []int64 `json:"entries,omitempty"`
	Observed string  `json:"observed,omitzero"`
	Exit     int     `json:"exit"`

	en, ja string
}

// verifyEvidence verifies an evidence file and says what it is worth. Evidence
// does not age: whether the trust file has ended is not asked.
func (e *environment) verifyEvidence(name string, raw []byte, trust *ledger.Trust, form *formatFlag, out *result) error {
	a, err := accuse(raw, trust)
	if err != nil {
		e.complainAbout(name, err)
		return end(exitOfEvidence(err))
	}
	if form.json() {
		line, err := json.Marshal(a)
		if err != nil {
			return err
		}
		out.Write(append(harmless(line), '\n'))
	} else {
		a.print(e, out)
	}
	if err := out.deliver(e); err != nil {
		return err
	}
	return end(a.Exit)
}

// accuse verifies an evidence file of any kind.
func accuse(raw []byte, trust *ledger.Trust) (*accusation, error) {
	kind, err := audit.EvidenceKind(raw)
	if err != nil {
		return nil, err
	}
	a := &accusation{Format: verificationFormat, Kind: kind, Weight: kind.Weight(), Exit: exitMisbehaved}
	if kind == audit.KindFork || kind == audit.KindRollback {
		return a, a.checkpoints(raw, trust)
	}
	return a, a.entries(raw, trust)
}

func (a *accusation) checkpoints(raw []byte, trust *ledger.Trust) error {
	ev, err := audit.ParseEvidence(raw)
	if err != nil {
		return err
	}
	log, ok := trust.Log(ev.Log)
	if !ok {
		return ledger.Refuse("TRUST-LOG-UNKNOWN", "the trust file names no log %.200q", ev.Log)
	}
	older, newer, err := ev.Verify(log)
	if err != nil {
		return err
	}
	a.Log = ev.Log
	a.Trees = []treeHead{{older.Size, older.Root.String()}, {newer.Size, newer.Root.String()}}
	if a.Kind == audit.KindRollback {
		a.Exit, a.Observed = exitHold, statement.FormatTime(ev.Observed)
		a.en = "An observation, no proof: the log signed both trees; that it showed the smaller after the larger is the word of whoever wrote this file."
		a.ja = "証明ではなく観察です。両方のツリーは台帳の署名ですが、大きい方の後に小さい方が示されたことはこのファイルの作成者の申告です。"
		return nil
	}
	a.en = "Proof: the log signed two histories, of which at most one is true."
	a.ja = "証明：台帳は両立しない二つの履歴に署名しました。"
	return nil
}

func (a *accusation) entries(raw []byte, trust *ledger.Trust) error {
	c, err := receiving.ParseCharge(raw)
	if err != nil {
		return err
	}
	ev, err := c.Verify(trust)
	if err != nil {
		return err
	}
	a.Log, a.Party = c.Bundle.Log, ev.Party
	a.Trees = []treeHead{{ev.Checkpoint.Size, ev.Checkpoint.Root.String()}}
	if a.Kind == audit.KindEquivocation {
		a.Entries = []int64{ev.Index, c.Other}
		slices.Sort(a.Entries)
		a.en = fmt.Sprintf("Proof: %s gave one serial number and version to two bills of materials.", a.Party)
		a.ja = fmt.Sprintf("証明：%s は同じシリアル番号と版を二つの部品表に付けました。", a.Party)
		return nil
	}
	a.Entries = []int64{ev.Index, c.Entry.Index}
	a.en = fmt.Sprintf("Proof: the log signed a status about entry %d that leaves out entry %d, which it had.", ev.Index, c.Entry.Index)
	a.ja = fmt.Sprintf("証明：台帳は、記録 %d の状態証明に、既にあった記録 %d を含めずに署名しました。", ev.Index, c.Entry.Index)
	return nil
}

func (a *accusation) print(e *environment, out *result) {
	line := func(en, ja, value string) {
		fmt.Fprintf(out, "  %s%s\n", pad(e.text(en, ja), 12), printable(value))
	}
	fmt.Fprintln(out, printable(e.text(a.en, a.ja)))
	line("kind", "種別", string(a.Kind))
	line("log", "台帳", a.Log)
	for _, t := range a.Trees {
		line("tree", "ツリー", e.text(fmt.Sprintf("%d entries, %s", t.Size, t.Root), fmt.Sprintf("%d件、%s", t.Size, t.Root)))
	}
	if a.Party != "" {
		line("party", "当事者", a.Party)
	}
	if len(a.Entries) == 2 {
		line("entries", "記録", fmt.Sprintf("%d, %d", a.Entries[0], a.Entries[1]))
	}
	if a.Observed != "" {
		line("observed", "観察時刻", a.Observed)
	}
}

// exitOfEvidence returns the exit code for evidence that does not verify: 3 for
// what cannot be read, else as for a bundle.
func exitOfEvidence(err error) int {
	switch code := problem.Code(err); {
	case code == "AUDIT-EVIDENCE-MALFORMED" || code == "AUDIT-EVIDENCE-FORMAT",
		code == "BUNDLE-FILE-MALFORMED" || code == "BUNDLE-FORMAT-UNKNOWN" || code == "BUNDLE-SIZE-LIMIT",
		errors.Is(err, statement.ErrNewer):
		return exitInput
	}
	return exitOfBundle(err)
}
