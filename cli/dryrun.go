package cli

import (
	"fmt"
	"slices"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// forecast says what would become of a statement about a bill of materials that
// were submitted now to a log that was replayed whole, and returns the exit code:
// 0, or 10 or 11 if every check would hold or reject what it enrols. An error is the refusal that
// the log would answer with. The state is played on, and of no use afterwards.
func (e *environment) forecast(k *replayed, leaf []byte, doc *sbom.Document) (int, error) {
	p, err := k.state().Open(leaf)
	if err != nil {
		return 0, err
	}
	if err := k.state().Check(p); err != nil {
		return 0, err
	}
	b := p.Statement().Body.(*statement.BOM)
	who := p.Statement().Actor()
	by, ok := k.state().PartyAt(who, k.size)
	if !ok {
		return 0, refuse("CLI-PARTY-UNKNOWN", "none of the %d entries of %s enrols %s", k.size, k.state().Origin(), printable(who))
	}
	if err := receiving.CompareContents(b, by.Party, doc); err != nil {
		return 0, err
	}
	index := k.size
	if first, there := k.identities[p.Identity()]; there {
		index = first
		e.printf("duplicate: entry %d of %s is this statement, and nothing would be added\n", "重複：%[2]s の記録 %[1]d と同じ申告のため、何も追加されません\n", first, k.state().Origin())
	} else {
		for _, i := range k.about(b.Digest) {
			e.printf("same bytes: entry %d of %s is about them already\n", "同一内容：%[2]s の記録 %[1]d が同じファイルを登録済みです\n", i, printable(k.statements[i].Actor()))
		}
		if err := k.history.Apply(index, p); err != nil {
			return 0, err
		}
		e.printf("new: it would be entry %d of %s, or a later one\n", "新規：%[2]s の記録 %[1]d 以降として登録されます\n", index, k.state().Origin())
	}
	code := exitDone
	s, _ := k.history.Standing(index, max(k.size, index+1))
	if len(s.Equivocal) > 0 {
		code = exitHold
		e.printf("equivocal: %s version %d is other bytes in entry %s; both would be held until one is withdrawn\n",
			"二重申告：%s の版 %d は記録 %s で別の内容です。どちらかを取り下げるまで双方とも保留になります\n", printable(b.SerialNumber), b.Version, numbers(s.Equivocal))
	}
	if index < k.size && s.Word != registry.Admitted {
		e.printf("standing: entry %d is %s\n", "状態：記録 %d は %s です\n", index, s.Word)
		switch {
		case s.Word == registry.Void:
			code = exitReject
		case gravity(s) > 1:
			code = exitHold
		}
	}
	for _, i := range k.history.Suspended(who, k.size) {
		code = worst(code, exitHold)
		e.printf("suspended: entry %d suspends %s, and checks hold what it signs\n", "一時停止：記録 %d により %s は一時停止中のため、判定は保留になります\n", i, who)
	}
	if b.Disclosure == statement.DisclosureHeld {
		e.printf("held: the log keeps the file and serves it to nobody\n", "非開示：台帳はファイルを保管し、誰にも提供しません\n")
	}
	e.printf("nothing was submitted or written\n", "送信も書き込みも行っていません\n")
	return code, nil
}

// about returns the bom entries about a digest, ascending.
func (k *replayed) about(digest statement.Digest) (list []int64) {
	for i, st := range k.statements {
		if b, ok := st.Body.(*statement.BOM); ok && b.Digest == digest {
			list = append(list, i)
		}
	}
	slices.Sort(list)
	return list
}

// numbers writes indices.
func numbers(list []int64) string {
	text := ""
	for i, n := range list {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprint(n)
	}
	return text
}
