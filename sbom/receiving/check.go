package receiving

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// statusAhead is how far ahead of the time of judgement a status may be dated
// before it counts as none.
const statusAhead = 10 * time.Minute

// Ahead reports whether a status made at one time counts as none at another: it is
// dated more than ten minutes ahead.
func Ahead(made, at time.Time) bool { return made.Sub(at) > statusAhead }

// PolicySource says how the policy came to be the one that judges.
type PolicySource int

// The sources of a policy.
const (
	PolicyGiven   PolicySource = iota // the operator named it
	PolicyPinned                      // the trust file pins it
	PolicyStarter                     // nobody chose: the embedded starter policy
)

// Request is everything that a verdict depends on.
type Request struct {
	File   []byte        // the BOM as received
	Limits sbom.Limits   // of admission; the zero value is sbom.DefaultLimits
	Memo   *sbom.Memo    // remembers documents from one request to the next; may be nil
	Bundle *Bundle       // nil if there is none
	Trust  *ledger.Trust // never nil
	At     time.Time     // the time of judgement
	Stage  string        // tender, receipt, install or recheck; "" is tender

	Policy *policy.Policy // never nil
	Source PolicySource
	Inputs policy.Inputs
	Tests  *PolicyTests // what came of the tests that the policy carries; nil if it is one of the program's

	Context  policy.Context              // what the delivery is for; its Stage is not looked at, see Stage
	Lists    map[string]policy.Reference // reference lists by the policy's input
	Assessed *Assessment                 // what was assessed before; nil if nothing is known of it

	// Absent is the size of a verified checkpoint whose server answered that it
	// has no entry for this file, or 0 if nobody asked or it could not look.
	Absent int64
	// Linked are the BOMs at hand beside this one, in any order. Those to which
	// it links, or those that it links to, are judged as entries of their own under
	// the same trust file, policy and time, and their facts are judged with its own.
	Linked []Linked
	// Lang is the language of texts, "en" or "ja".
	Lang string
}

// Check judges a file. It fails only if there is no bundle and the file is no
// admissible BOM: then there is nothing to judge, and the error is the first
// finding's refusal. With a bundle the bytes are compared before they are
// parsed: other bytes are REJECT whatever they are.
func Check(r Request) (*Verdict, error) {
	if r.Stage == "" {
		r.Stage = "tender"
	}
	if r.Limits == (sbom.Limits{}) {
		r.Limits = sbom.DefaultLimits
	}
	j := newJudge(r)
	j.trust()
	parse := true
	if r.Bundle != nil {
		parse = j.bundle()
	} else {
		j.noBundle()
	}
	if parse {
		doc, findings := r.Memo.Admit(r.File, r.Limits)
		if doc == nil && r.Bundle == nil {
			return nil, sbom.FirstError(findings)
		}
		if doc != nil {
			j.scope()
		}
		j.contents(doc, findings)
		if doc == nil {
			j.advisories(nil)
		}
		j.policy(doc)
	} else {
		j.advisories(nil)
	}
	return j.finish(), nil
}

// judge collects reasons and what each row rests on. A row passes only if it
// was given evidence and nothing speaks against it.
type judge struct {
	r       Request
	v       *Verdict
	ev      *Evidence
	passed  map[string]bool
	against map[string]Outcome
	vouched bool // a usable status says that the history is all there is
	stale   bool
	absent  bool
	linked  map[string]*visit // that were looked at, by sha256:<hex>
	leads   []*visit          // to which links of the document lead
	listed  *catalogue        // of the document; nil until it is asked for
}

func newJudge(r Request) *judge {
	digest := sha256.Sum256(r.File)
	j := &judge{r: r, passed: map[string]bool{}, against: map[string]Outcome{}, linked: map[string]*visit{}}
	j.v = &Verdict{
		Format: VerdictFormat, Scope: ScopeDocument, Stage: r.Stage, At: statement.FormatTime(r.At),
		File:    FileRef{hex.EncodeToString(digest[:])},
		Trust:   FileRef{hex.EncodeToString(r.Trust.Digest[:])},
		Context: told(r.Context, r.Assessed), Lists: []ListRef{}, Reasons: []Reason{},
		Policy: PolicyRef{
			ID: r.Policy.ID, Version: int64(r.Policy.Version), SHA256: hex.EncodeToString(r.Policy.Digest[:]),
			Verified: r.Policy.Verified, Pinned: r.Source == PolicyPinned,
		},
		Notice: j.say(r.Policy.Notice.EN, r.Policy.Notice.JA),
	}
	for _, name := range rowNames {
		j.v.Rows = append(j.v.Rows, Row{Name: name, Outcome: Unknown, Basis: ByNothing, Checks: []string{}})
	}
	return j
}

func (j *judge) say(en, ja string) string {
	if j.r.Lang == "ja" {
		return ja
	}
	return en
}

func (j *judge) row(name string) *Row { return &j.v.Rows[slices.Index(rowNames, name)] }

// pass gives a row its evidence.
func (j *judge) pass(name string, basis Basis, en, ja string, checks ...string) {
	row := j.row(name)
	row.Basis, row.Text, j.passed[name] = basis, j.say(en, ja), true
	row.Checks = append(row.Checks, checks...)
	if j.ev != nil {
		row.AsOf = j.ev.Checkpoint.Size
	}
}

var rank = map[Outcome]int{Pass: 0, Unknown: 1, HoldRow: 2, Fail: 3}

// speak adds a reason; outcome is what it makes of its row: Fail, HoldRow,
// Unknown, or Pass for a note.
func (j *judge) speak(row string, outcome Outcome, code string, en, ja string) *Reason {
	word := map[Outcome]string{Fail: "reject", HoldRow: "hold", Unknown: "hold", Pass: "note"}[outcome]
	if rank[outcome] > rank[j.against[row]] {
		j.against[row] = outcome
	}
	j.v.Reasons = append(j.v.Reasons, Reason{Code: code, Row: row, Outcome: word, Subjects: []string{}, Text: j.say(en, ja)})
	return &j.v.Reasons[len(j.v.Reasons)-1]
}

// trust judges the trust file itself.
func (j *judge) trust() {
	if w := j.r.Trust.Witnesses; w.Demanded() {
		j.speak(RowWitnesses, Unknown, "LOG-QUORUM-UNMET",
			fmt.Sprintf("nothing shows that the witnesses of quorum %q cosigned the checkpoint", w.Quorum()),
			fmt.Sprintf("定足数 %q の立会人がチェックポイントに連署したことを確認できません", w.Quorum()))
	} else {
		j.row(RowWitnesses).Outcome = NotRequired
		j.row(RowWitnesses).Text = j.say("the trust file demands no witnesses", "信頼ファイルは立会人を要求していません")
	}
	if !j.r.At.Before(j.r.Trust.Expires) {
		j.stale = true
		day := j.r.Trust.Expires.Format(time.DateOnly)
		j.speak(RowLog, Unknown, "TRUST-FILE-EXPIRED", "the trust file expired on "+day, "信頼ファイルは"+day+"に失効しました")
	}
}

// noBundle says that nothing proves anything of the file.
func (j *judge) noBundle() {
	if j.notInLog() {
		return
	}
	j.speak(RowLog, Unknown, "BUNDLE-FILE-ABSENT", "no bundle came with this file, and no log was asked", "このファイルには証明束がなく、台帳にも照会していません")
}

// notInLog says so if a verified server answered that it has no such entry.
func (j *judge) notInLog() bool {
	if j.r.Absent <= 0 {
		return false
	}
	j.absent = true
	j.speak(RowLog, HoldRow, "LOG-ENTRY-ABSENT",
		fmt.Sprintf("the log has no entry for this file among its %d", j.r.Absent),
		fmt.Sprintf("台帳の%d件の記録に、このファイルの記録はありません", j.r.Absent)).Count = 1
	return true
}

// bundle verifies the bundle and compares the file's bytes with what it names.
// It reports whether the file is worth parsing.
func (j *judge) bundle() bool {
	ev, err := Open(j.r.Bundle, j.r.Trust)
	if err != nil {
		j.badBundle(err)
		return false
	}
	j.ev = ev
	said, ok := ev.Statement.Body.(*statement.BOM)
	if !ok {
		j.speak(RowContents, Fail, "BUNDLE-KIND-OTHER",
			fmt.Sprintf("the bundle proves a statement of kind %s, not of a BOM", ev.Statement.Kind),
			fmt.Sprintf("証明束の申告は種別%sであり、部品表のものではありません", ev.Statement.Kind))
		return false
	}
	origin := j.r.Bundle.Log
	digest := ev.Checkpoint.Digest()
	j.v.Party = &PartyRef{ID: ev.Party, Registrar: origin}
	j.v.PartyName = ev.PartyName
	j.v.Entry = &EntryRef{
		Log: origin, Index: ev.Index, TreeSize: ev.Checkpoint.Size,
		Checkpoint: digest.String(), Standing: string(ev.Standing.Word),
	}
	n := ev.Checkpoint.Size
	j.pass(RowLog, ByProof,
		fmt.Sprintf("entry %d of %d in %s", ev.Index, n, origin),
		fmt.Sprintf("%sの%d件中%d番の記録", origin, n, ev.Index), "inclusion", "genesis")
	j.standing(said)
	j.status()
	if said.Digest != sha256.Sum256(j.r.File) {
		j.speak(RowContents, Fail, "VERDICT-BYTES-DIFFER",
			"these are not the bytes that were signed", "署名された内容とバイト列が一致しません").Entry = &ev.Index
		return false
	}
	return true
}

// badBundle says what a bundle that does not verify means.
func (j *judge) badBundle(err error) {
	code := "BUNDLE-PROOF-INVALID"
	var c interface{ Code() string }
	if errors.As(err, &c) {
		code = c.Code()
	}
	row := RowSignature
	if strings.HasPrefix(code, "LOG-") || strings.HasPrefix(code, "TRUST-") || strings.HasPrefix(code, "BUNDLE-") {
		row = RowLog
	}
	switch {
	case code == "TRUST-LOG-UNKNOWN":
		j.stale = true
		j.speak(row, Unknown, code, err.Error(), "信頼ファイルにない台帳の証明束です（"+j.r.Bundle.Log+"）")
		j.notInLog() // such a bundle proves nothing against a log that is trusted
	case errors.Is(err, statement.ErrNewer):
		j.speak(row, Unknown, code, err.Error(), "この版の yurai では読めない記録が含まれています")
	default:
		j.speak(row, Fail, code, err.Error(), "証明束の署名または証明が正しくありません（"+code+"）")
	}
}

// standing says what became of the entry since. What lets it stand no longer is
// said alone; all else is said beside each other.
func (j *judge) standing(said *statement.BOM) {
	s, index := j.ev.Standing, j.ev.Index
	switch s.Word {
	case registry.Void:
		j.speak(RowSignature, Fail, "STATE-BOM-VOID",
			fmt.Sprintf("entry %d rests on keys of %s that are void at its index", index, j.ev.Party),
			fmt.Sprintf("%d番の記録は、その時点で無効な%sの鍵によるものです", index, j.ev.Party)).Entry = &index
		return
	case registry.Admitted, registry.ValidThen, registry.Superseded, registry.Equivocal, registry.Withdrawn:
	default:
		j.speak(RowSignature, HoldRow, "STATE-BOM-STANDING",
			fmt.Sprintf("the entry stands as %q, which this program does not judge", s.Word),
			fmt.Sprintf("記録の状態「%s」をこの版では判定できません", s.Word))
		return
	}
	if s.Then {
		j.speak(RowSignature, Pass, "STATE-BOM-REVOKED",
			"a key that signed was revoked later; the entry is older than that", "署名した鍵は後に失効しましたが、この記録はそれより前のものです")
	}
	for _, at := range s.Withdrawals {
		j.speak(RowContents, HoldRow, "STATE-BOM-WITHDRAWN",
			fmt.Sprintf("entry %d withdraws this BOM", at),
			fmt.Sprintf("%d番の記録がこの部品表を取り下げています", at)).Entry = &at
	}
	if n := len(s.Followers); n > 0 {
		outcome, by := Pass, s.Followers[n-1]
		if s.Corrected() {
			outcome = HoldRow
		}
		j.speak(RowContents, outcome, "STATE-BOM-SUPERSEDED",
			fmt.Sprintf("entry %d takes the place of this BOM (%s)", by.Index, by.Reason),
			fmt.Sprintf("%d番の記録がこの部品表を差し替えています（%s）", by.Index, by.Reason)).Entry = &by.Index
	}
	if len(s.Equivocal) > 0 {
		other := s.Equivocal[0]
		j.speak(RowContents, HoldRow, "STATE-BOM-EQUIVOCAL",
			fmt.Sprintf("the party signed other bytes under the same serial number %s and version %d, entry %d", said.SerialNumber, said.Version, other),
			fmt.Sprintf("同じシリアル番号%s・版%dで異なる内容が署名されています（%d番の記録）", said.SerialNumber, said.Version, other)).Entry = &other
	}
	for _, other := range s.Settled {
		j.speak(RowContents, Pass, "STATE-BOM-SETTLED",
			fmt.Sprintf("entry %d gave the same serial number and version to other bytes, and no longer counts against entry %d", other, index),
			fmt.Sprintf("%d番の記録は同じシリアル番号と版の別の内容でしたが、効力を失っており、%d番の記録を妨げません", other, index)).Entry = &other
	}
	for _, at := range j.ev.Suspensions {
		j.speak(RowSignature, HoldRow, "STATE-PARTY-SUSPENDED",
			fmt.Sprintf("entry %d suspends %s", at, j.ev.Party),
			fmt.Sprintf("%d番の記録が%sに停止措置を取っています", at, j.ev.Party)).Entry = &at
	}
	// The status is the earliest time that shows the entry to be there.
	if j.ev.Delegated && j.ev.Status != nil && j.ev.Status.Made.After(j.ev.DelegateEnd) {
		end := statement.FormatTime(j.ev.DelegateEnd)
		j.speak(RowSignature, HoldRow, "STATE-DELEGATE-LAPSED",
			"the delegation to the key that signed ended "+end+", and nothing shows that it signed before",
			"署名した鍵への委任は"+end+"に終了しており、終了前の署名であることを確認できません")
	}
}

// status judges the log's word that nothing happened since. Without a fresh one
// the rows signature and advisories are unknown.
func (j *judge) status() {
	ev := j.ev
	unknown := func(code, en, ja string) {
		j.stale = true
		j.speak(RowSignature, Unknown, code, en, ja)
		if rank[Unknown] > rank[j.against[RowAdvisories]] {
			j.against[RowAdvisories] = Unknown
		}
	}
	if ev.Status == nil {
		code := "BUNDLE-STATUS-ABSENT"
		if ev.StatusError != nil {
			code = ev.StatusError.Code()
		}
		unknown(code, "the bundle has no usable status, so a revocation since could be hidden", "証明束に有効な状態証明がなく、その後の失効を確認できません")
		return
	}
	age := j.r.At.Sub(ev.Status.Made)
	when := statement.FormatTime(ev.Status.Made)
	fresh := j.r.Policy.Freshness
	switch {
	case Ahead(ev.Status.Made, j.r.At):
		unknown("BUNDLE-STATUS-FUTURE", "the status is dated "+when+", after the time of judgement", "状態証明の日時"+when+"が判定時刻より後です")
		return
	case age > fresh.Hold:
		unknown("BUNDLE-STATUS-STALE",
			fmt.Sprintf("the status of %s is older than the %s that the policy allows", when, duration(fresh.Hold)),
			fmt.Sprintf("%sの状態証明はポリシーの許容期間（%s）を過ぎています", when, duration(fresh.Hold)))
		return
	case age > fresh.Note:
		j.speak(RowAdvisories, Pass, "BUNDLE-STATUS-AGED",
			fmt.Sprintf("the status of %s is older than %s", when, duration(fresh.Note)),
			fmt.Sprintf("%sの状態証明は%sより古いものです", when, duration(fresh.Note)))
	}
	short := make([]string, len(ev.KeyIDs))
	for i, id := range ev.KeyIDs {
		short[i] = id[:12]
	}
	keys := strings.Join(short, ", ")
	j.pass(RowSignature, ByProof,
		fmt.Sprintf("%s (%s), key %s", ev.PartyName, ev.Party, keys),
		fmt.Sprintf("%s（%s）、鍵 %s", ev.PartyName, ev.Party, keys), "signature", "party", "status")
	j.vouched = true
}

func duration(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// scope judges whether enough was looked at for the stage.
func (j *judge) scope() {
	if demand, ok := j.r.Policy.Demand(j.r.Stage); !ok || !ScopeDocument.reaches(Scope(demand)) {
		j.speak(RowContents, HoldRow, "VERDICT-SCOPE-SHORT",
			fmt.Sprintf("the stage %s demands scope %q, and only the document was looked at", j.r.Stage, demand),
			fmt.Sprintf("段階「%s」では「%s」までの確認が必要ですが、書類だけを確認しました", j.r.Stage, demand))
	}
}

// contents judges the document itself.
func (j *judge) contents(doc *sbom.Document, findings []sbom.Finding) {
	if doc == nil {
		f := sbom.FirstError(findings)
		j.speak(RowContents, HoldRow, f.Code(), f.Error(), "署名された部品表を受理できません: "+f.Error())
		return
	}
	j.warnings(findings)
	if j.ev == nil {
		return
	}
	if err := CompareContents(j.ev.Statement.Body.(*statement.BOM), j.ev.enrolment, doc); err != nil {
		code, ja := "STATEMENT-BOM-MISMATCH", "申告の内容が部品表と一致しません"
		var r *sbom.Refusal
		if errors.As(err, &r) && r.Code() == "STATE-SPEAKS-FOR" {
			code, ja = r.Code(), "申告した当事者には、この製造者に代わって申告する権限がありません"
		}
		j.speak(RowContents, HoldRow, code, err.Error(), ja)
		return
	}
	j.pass(RowContents, ByProof,
		fmt.Sprintf("the bytes are those signed, CycloneDX %s", doc.SpecVersion),
		fmt.Sprintf("署名された内容と一致（CycloneDX %s）", doc.SpecVersion), "digest", "schema", "statement")
}

// warnings notes what admission warned of, one reason a code.
func (j *judge) warnings(findings []sbom.Finding) {
	byCode := map[string][]sbom.Finding{}
	for _, f := range findings {
		byCode[f.Code] = append(byCode[f.Code], f)
	}
	codes := make([]string, 0, len(byCode))
	for code := range byCode {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		list := byCode[code]
		r := j.speak(RowContents, Pass, code, list[0].Text, list[0].Text)
		r.Count = len(list)
		for _, f := range list {
			r.Subjects = append(r.Subjects, f.Pointer)
		}
		slices.Sort(r.Subjects)
		r.Subjects = slices.Compact(r.Subjects)
	}
}

// policy lets the policy speak on the facts of the document.
func (j *judge) policy(doc *sbom.Document) {
	pin := j.r.Trust.Policy
	p := j.r.Policy
	switch {
	case pin != nil && (p.ID != pin.ID || int64(p.Version) < pin.Version):
		j.speak(RowOrigin, HoldRow, "VERDICT-POLICY-PIN",
			fmt.Sprintf("the trust file pins policy %s from version %d, not %s version %d", pin.ID, pin.Version, p.ID, p.Version),
			fmt.Sprintf("信頼ファイルはポリシー%s（第%d版以降）を指定していますが、%s第%d版で判定しました", pin.ID, pin.Version, p.ID, p.Version))
	case pin != nil && !known(p):
		j.speak(RowOrigin, HoldRow, "VERDICT-POLICY-PIN",
			fmt.Sprintf("the trust file pins policy %s of %s, and nothing shows that this file, which has its name, is that policy", pin.ID, pin.Signer),
			fmt.Sprintf("信頼ファイルは%sのポリシー%sを指定していますが、同名のこのファイルがそのポリシーであることを確認できません", pin.Signer, pin.ID))
	case j.r.Source == PolicyStarter:
		j.speak(RowOrigin, Pass, "VERDICT-POLICY-STARTER", "starter policy, not verified", "初期ポリシーによる判定です（未検証）")
	}
	j.tested()
	if doc == nil {
		return
	}
	facts, unseen := j.follow(doc)
	e := j.evidence(doc, facts)
	e.Unresolved = unseen
	out := p.Evaluate(e)
	j.v.Counts = Counts{Components: out.Counts.Components, Unknown: out.Counts.Unknown, Excepted: out.Counts.Excepted, Complete: out.Counts.Complete}
	for _, l := range out.Lists {
		j.v.Lists = append(j.v.Lists, ListRef{ID: l.ID, SHA256: l.SHA256, Date: l.Date})
	}
	for _, x := range out.Reasons {
		j.ruled(x)
	}
	j.untold(out.Rules)
	judged := map[string]int{}
	for _, o := range out.Rules {
		if o.Applies {
			judged[o.Row]++
		}
	}
	if j.ev == nil {
		return // unsigned facts accuse and never acquit
	}
	if judged[RowOrigin] == 0 {
		j.speak(RowOrigin, Unknown, "VERDICT-ORIGIN-UNJUDGED", "no rule of the policy spoke on origin", "ポリシーに原産地を判定する規則がありません")
		return
	}
	j.pass(RowOrigin, ByProof,
		fmt.Sprintf("%d components, %d excepted, on the vendor's word", out.Counts.Components, out.Counts.Excepted),
		fmt.Sprintf("部品%d点（うち除外%d点）、ベンダーの申告による", out.Counts.Components, out.Counts.Excepted), "policy")
}

// known reports whether a policy is, byte for byte, one that this program
// brings: the only ones of which it knows whose they are.
func known(p *policy.Policy) bool {
	raw, ok := policy.Pack(p.ID)
	return ok && sha256.Sum256(raw) == p.Digest
}

// ruled adds a reason of the policy.
func (j *judge) ruled(x policy.Reason) {
	outcome := map[policy.Effect]Outcome{policy.Reject: Fail, policy.Hold: HoldRow, policy.Note: Pass}[x.Outcome]
	if outcome == HoldRow && x.Value == policy.Unknown {
		outcome = Unknown
	}
	r := j.speak(x.Row, outcome, x.Code, x.Text.EN, x.Text.JA)
	r.Value, r.Count, r.Subjects = x.Value.String(), x.Count, x.Subjects
	if x.Rule != "" {
		r.Rule = &x.Rule
	}
	if x.List != "" {
		r.List = &x.List
	}
}

// finish settles rows, verdict and exit.
func (j *judge) finish() *Verdict {
	v := j.v
	worst := Pass
	for i := range v.Rows {
		row := &v.Rows[i]
		if row.Outcome == NotRequired {
			continue
		}
		against := j.against[row.Name]
		switch {
		case against != "" && against != Pass:
			row.Outcome = against
		case j.passed[row.Name]:
			row.Outcome = Pass
		}
		if row.Outcome != Pass {
			row.Text = j.rowText(row)
		}
		if rank[row.Outcome] > rank[worst] {
			worst = row.Outcome
		}
	}
	slices.SortStableFunc(v.Reasons, func(a, b Reason) int {
		order := map[string]int{"reject": 0, "hold": 1, "note": 2}
		return cmp.Or(order[a.Outcome]-order[b.Outcome], slices.Index(rowNames, a.Row)-slices.Index(rowNames, b.Row))
	})
	switch {
	case worst == Fail:
		v.Verdict, v.Exit = Reject, ExitReject
	case j.absent:
		v.Verdict, v.Exit = Hold, ExitAbsent
	case worst != Pass && j.stale:
		v.Verdict, v.Exit = Hold, ExitStale
	case worst != Pass:
		v.Verdict, v.Exit = Hold, ExitHold
	default:
		v.Verdict, v.Exit = Accept, ExitAccept
	}
	return v
}

// rowText is the row's gravest reason, or that nobody looked.
func (j *judge) rowText(row *Row) string {
	want := map[Outcome]string{Fail: "reject", HoldRow: "hold", Unknown: "hold"}[row.Outcome]
	for _, r := range j.v.Reasons {
		if r.Row == row.Name && r.Outcome == want {
			return r.Text
		}
	}
	return j.say("not established", "確認できていません")
}
