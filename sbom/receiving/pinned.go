package receiving

import (
	"fmt"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/policy"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// PolicyEntry is the entry of a policy in a log, proven. Only [OpenPolicy] makes
// one.
type PolicyEntry struct {
	ev    *Evidence
	log   string
	note  []byte
	trust ledger.Hash
	body  *statement.Policy
}

// Checkpoint returns the checkpoint under which the entry is proven.
func (e *PolicyEntry) Checkpoint() ledger.Signed {
	return ledger.Signed{Checkpoint: e.ev.Checkpoint, Note: e.note}
}

// OpenPolicy verifies the bundle of a policy's entry as [Open] does. A statement of
// another kind is VERDICT-POLICY-KIND. Which policy it is, and whether it is the one
// that a trust file pins, is for [Check] to say.
func OpenPolicy(b *Bundle, t *ledger.Trust) (*PolicyEntry, error) {
	ev, err := Open(b, t)
	if err != nil {
		return nil, err
	}
	body, ok := ev.Statement.Body.(*statement.Policy)
	if !ok {
		return nil, sbom.Refuse("VERDICT-POLICY-KIND", "the bundle proves a statement of kind %s, not a policy", ev.Statement.Kind)
	}
	return &PolicyEntry{ev, b.Log, b.Checkpoint, t.Digest, body}, nil
}

// pinned judges the policy by the trust file's pin.
func (j *judge) pinned() {
	pin, p := j.r.Trust.Policy, j.r.Policy
	if pin == nil {
		if j.r.Source == PolicyStarter {
			j.speak(RowOrigin, Pass, "VERDICT-POLICY-STARTER", "starter policy, not verified", "初期ポリシーによる判定です（未検証）")
		}
		return
	}
	no := func(code, en, ja string) {
		r := j.speak(RowOrigin, HoldRow, code, en, ja)
		if e := j.r.PolicyEntry; e != nil {
			r.Entry = &e.ev.Index
		}
	}
	switch {
	case p.ID != pin.ID || int64(p.Version) < pin.Version:
		no("VERDICT-POLICY-PIN",
			fmt.Sprintf("the trust file pins policy %s from version %d, not %s version %d", pin.ID, pin.Version, p.ID, p.Version),
			fmt.Sprintf("信頼ファイルはポリシー%s（第%d版以降）を指定していますが、%s第%d版で判定しました", pin.ID, pin.Version, p.ID, p.Version))
	case known(p):
	case j.r.PolicyEntry == nil:
		no("VERDICT-POLICY-PIN",
			fmt.Sprintf("the trust file pins policy %s of %s, and nothing shows that this file, which has its name, is that policy", pin.ID, pin.Signer),
			fmt.Sprintf("信頼ファイルは%sのポリシー%sを指定していますが、同名のこのファイルがそのポリシーであることを確認できません", pin.Signer, pin.ID))
	default:
		if code, en, ja := j.unlike(j.r.PolicyEntry, pin, p); code != "" {
			no(code, en, ja)
			return
		}
		j.v.Policy.Pinned = true
	}
}

// unlike says why an entry does not show that a policy is the one that is pinned, ""
// if it does.
func (j *judge) unlike(e *PolicyEntry, pin *ledger.PolicyPin, p *policy.Policy) (code, en, ja string) {
	index := e.ev.Index
	switch {
	case j.r.Bundle != nil && e.log != j.r.Bundle.Log || j.r.Bundle == nil && len(j.r.Trust.Logs) > 1:
		// Who is enrolled by an id is the matter of each log.
		return "VERDICT-POLICY-ENTRY", fmt.Sprintf("the policy's entry is in log %s, which does not prove the file", e.log),
			fmt.Sprintf("ポリシーの記録は、このファイルを証明する台帳ではなく%sにあります", e.log)
	case e.ev.Party != pin.Signer:
		return "VERDICT-POLICY-ENTRY", fmt.Sprintf("entry %d is a policy of %s, the trust file pins that of %s", index, e.ev.Party, pin.Signer),
			fmt.Sprintf("%d番の記録は%sのポリシーですが、信頼ファイルは%sのものを指定しています", index, e.ev.Party, pin.Signer)
	case e.body.ID != p.ID || e.body.Version != int64(p.Version) || e.body.Digest != statement.Digest(p.Digest):
		return "VERDICT-POLICY-ENTRY", fmt.Sprintf("entry %d is of policy %s version %d, and not of these bytes", index, e.body.ID, e.body.Version),
			fmt.Sprintf("%d番の記録はポリシー%s第%d版のものですが、このファイルの内容ではありません", index, e.body.ID, e.body.Version)
	case e.ev.Standing.Word == registry.Void:
		return "VERDICT-POLICY-VOID", fmt.Sprintf("entry %d of the policy rests on keys that are void at its index", index),
			fmt.Sprintf("ポリシーの%d番の記録は、その時点で無効な鍵によるものです", index)
	case e.ev.Newest != e.ev.Standing.First:
		return "VERDICT-POLICY-SUPERSEDED", fmt.Sprintf("entry %d is a newer version of the policy", e.ev.Newest),
			fmt.Sprintf("%d番の記録がポリシーのより新しい版です", e.ev.Newest)
	case len(e.ev.Suspensions) > 0:
		return "VERDICT-POLICY-ENTRY", fmt.Sprintf("entry %d suspends %s, whose policy it is", e.ev.Suspensions[0], pin.Signer),
			fmt.Sprintf("%d番の記録が、ポリシーの所有者%sに停止措置を取っています", e.ev.Suspensions[0], pin.Signer)
	}
	if why, whyJA := j.unproven(e.ev); why != "" {
		j.stale = true
		return "VERDICT-POLICY-UNPROVEN", "nothing shows that the policy is the newest: " + why,
			"ポリシーが最新であることを確認できません（" + whyJA + "）"
	}
	return "", "", ""
}
