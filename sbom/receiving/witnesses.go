package receiving

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// Witnessed reports whether the cosignatures of the bundle's checkpoint reach the
// quorum that the trust file demands; true if it demands none. Those dated more than
// ten minutes ahead of the time of judgement do not count.
func (ev *Evidence) Witnessed(t *ledger.Trust, at time.Time) bool {
	return t.Witnesses.Satisfied(slices.DeleteFunc(slices.Clone(ev.Cosigned), func(c ledger.Cosignature) bool { return Ahead(c.Time, at) }))
}

// younger returns the cosignatures of a bundle's checkpoint that are no older than a
// limit, and not dated after the time of judgement.
func (j *judge) younger(ev *Evidence, limit time.Duration) []ledger.Cosignature {
	return slices.DeleteFunc(slices.Clone(ev.Cosigned), func(c ledger.Cosignature) bool {
		return Ahead(c.Time, j.r.At) || j.r.At.Sub(c.Time) > limit
	})
}

// witnesses holds the cosignatures of the bundle's checkpoint against the quorum that
// the trust file demands. Each says that at its time there was no larger tree that the
// witness knew of: one that is too old for the policy lets a log show an old tree for
// ever, and counts for nothing, like a status of that age.
func (j *judge) witnesses() {
	w := j.r.Trust.Witnesses
	if !w.Demanded() {
		return
	}
	if j.ev == nil {
		j.speak(RowWitnesses, Unknown, "LOG-QUORUM-UNMET",
			fmt.Sprintf("nothing shows that the witnesses of quorum %q cosigned a checkpoint with this file", w.Quorum()),
			fmt.Sprintf("定足数 %q の立会人が、このファイルを含むチェックポイントに連署したことを確認できません", w.Quorum()))
		return
	}
	fresh := j.r.Policy.Freshness
	ends := j.r.At
	for _, c := range j.ev.Cosigned {
		if c.Time.Before(ends) {
			ends = c.Time
		}
	}
	switch counted := j.younger(j.ev, fresh.Hold); {
	case !w.Satisfied(j.ev.Cosigned):
		j.speak(RowWitnesses, Unknown, "LOG-QUORUM-UNMET",
			fmt.Sprintf("%d of %d witnesses cosigned the checkpoint of %d entries, which does not reach quorum %q", len(j.ev.Cosigned), len(w.Witnesses()), j.ev.Checkpoint.Size, w.Quorum()),
			fmt.Sprintf("%[3]d件のチェックポイントに連署した立会人は%[2]d者中%[1]d者で、定足数 %[4]q に達していません", len(j.ev.Cosigned), len(w.Witnesses()), j.ev.Checkpoint.Size, w.Quorum()))
	case !j.ev.Witnessed(j.r.Trust, j.r.At):
		j.speak(RowWitnesses, Unknown, "BUNDLE-WITNESS-FUTURE",
			"the quorum is reached only with cosignatures that are dated after the time of judgement",
			"判定時刻より後の日時の連署を除くと、定足数に達しません")
	case !w.Satisfied(counted):
		j.stale = true
		j.speak(RowWitnesses, Unknown, "BUNDLE-WITNESS-STALE",
			fmt.Sprintf("the quorum is reached only with cosignatures older than the %s that the policy allows, the oldest of %s", duration(fresh.Hold), statement.FormatTime(ends)),
			fmt.Sprintf("ポリシーの許容期間（%s）を過ぎた連署（最も古いものは%s）を除くと、定足数に達しません", duration(fresh.Hold), statement.FormatTime(ends)))
	default:
		if !w.Satisfied(j.younger(j.ev, fresh.Note)) {
			j.speak(RowWitnesses, Pass, "BUNDLE-WITNESS-AGED",
				fmt.Sprintf("the quorum is reached only with cosignatures older than %s", duration(fresh.Note)),
				fmt.Sprintf("定足数に達する連署の一部は%sより古いものです", duration(fresh.Note)))
		}
		var names []string
		for _, known := range w.Witnesses() {
			if slices.ContainsFunc(counted, func(c ledger.Cosignature) bool { return c.Verifier == known.Verifier }) {
				names = append(names, known.Name)
			}
		}
		list := strings.Join(names, ", ")
		j.pass(RowWitnesses, ByProof,
			fmt.Sprintf("%d of %d cosigned: %s", len(names), len(w.Witnesses()), list),
			fmt.Sprintf("立会人%d者中%d者が連署：%s", len(w.Witnesses()), len(names), list), "cosignature", "quorum")
	}
}
