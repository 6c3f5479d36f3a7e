package diff

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
)

// maxText is how many bytes of a name or value a sentence shows.
const maxText = 160

// Text is a sentence in two languages. It holds text from unverified input: who
// shows it on a terminal or a page escapes it.
type Text struct {
	EN string `json:"en"`
	JA string `json:"ja"`
}

// Sentence says the change, with what did not change where that matters.
func (c *Change) Sentence() Text {
	who := c.who()
	if c.Aspect == Whole {
		return c.whole(who)
	}
	if c.Aspect == Stage && c.Kind == Changed {
		return c.made(who)
	}
	what := c.noun()
	was, is := shown(c.Aspect, c.Was), shown(c.Aspect, c.Is)
	en := func(format string, args ...any) string { return who + ": " + what.EN + fmt.Sprintf(format, args...) }
	ja := func(format string, args ...any) string { return who + "：" + what.JA + fmt.Sprintf(format, args...) }
	switch c.Kind {
	case Told:
		return Text{en(" told now: %s", is), ja("が新たに示された（%s）", is)}
	case Untold:
		return Text{en(" no longer told (was %s)", was), ja("が示されなくなった（以前は %s）", was)}
	case Withheld:
		return Text{en(" withheld now (was %s)", was), ja("が非開示になった（以前は %s）", was)}
	case Disclosed:
		return Text{en(" no longer withheld: %s", is), ja("が開示された（%s）", is)}
	case Unknown:
		return Text{en(" said to be unknown now (was %s)", was), ja("が不明とされた（以前は %s）", was)}
	case Known:
		return Text{en(" no longer unknown: %s", is), ja("が明らかになった（%s）", is)}
	case Doubted:
		return Text{en(" cannot be relied on now, it is %s: %s (was %s)", c.Is.State, is, was), ja("が信頼できなくなった（%s：%s、以前は %s）", stateJA(c.Is.State), is, was)}
	case Settled:
		return Text{en(" no longer %s: %s", c.Was.State, is), ja("の問題（%s）が解消した（%s）", stateJA(c.Was.State), is)}
	case Weaker:
		return Text{en(" %s is less well founded: %s → %s", is, c.Was.Strength, c.Is.Strength), ja(" %s の裏付けが弱くなった（%s → %s）", is, strengthJA(c.Was.Strength), strengthJA(c.Is.Strength))}
	case Stronger:
		return Text{en(" %s is better founded: %s → %s", is, c.Was.Strength, c.Is.Strength), ja(" %s の裏付けが強くなった（%s → %s）", is, strengthJA(c.Was.Strength), strengthJA(c.Is.Strength))}
	}
	return Text{en(" %s → %s", was, is), ja(" %s → %s", was, is)}
}

// who names what the change is about.
func (c *Change) who() string {
	p := cmp.Or(c.New, c.Old)
	if p == nil || p.Pointer == "" {
		return "BOM"
	}
	name := sbom.Clip(cmp.Or(p.Name, p.Ref, p.Pointer), maxText)
	if c.Aspect == Whole && p.Version != "" {
		name += " " + sbom.Clip(p.Version, maxText)
	}
	return name
}

// whole says that a thing was added, removed or moved.
func (c *Change) whole(who string) Text {
	thing := Text{"component", "部品"}
	if c.Service {
		thing = Text{"service", "サービス"}
	}
	in := func(p *Place) Text {
		if p.Parent == "" {
			return Text{"the product", "製品直下"}
		}
		name := sbom.Clip(p.Parent, maxText)
		return Text{name, name}
	}
	switch c.Kind {
	case Added:
		return Text{fmt.Sprintf("%s: %s added, in %s", who, thing.EN, in(c.New).EN), fmt.Sprintf("%s：%sが追加された（%s）", who, thing.JA, in(c.New).JA)}
	case Removed:
		return Text{fmt.Sprintf("%s: %s removed, from %s", who, thing.EN, in(c.Old).EN), fmt.Sprintf("%s：%sが取り除かれた（%s）", who, thing.JA, in(c.Old).JA)}
	}
	return Text{
		fmt.Sprintf("%s: %s moved, %s → %s", who, thing.EN, in(c.Old).EN, in(c.New).EN),
		fmt.Sprintf("%s：%sの位置が変わった（%s → %s）", who, thing.JA, in(c.Old).JA, in(c.New).JA),
	}
}

// made says that a stage took place elsewhere, or otherwise, and who stayed.
func (c *Change) made(who string) Text {
	stage, _, _ := strings.Cut(c.Key, "|")
	was, is := c.Was.Value, c.Is.Value
	by := ""
	if v, err := origin.ParseValue(is); err == nil && len(v.Shares) == 1 && v.Shares[0].Party != "" {
		// Who does it now stands at the end; in shares who does what stands with each.
		old, err := origin.ParseValue(was)
		if err == nil && len(old.Shares) == 1 && (old.Shares[0].Party == "" || old.Shares[0].Party == v.Shares[0].Party) {
			by = v.Shares[0].Party
			v.Shares[0].Party, old.Shares[0].Party = "", ""
			was, is = old.String(), v.String()
		}
	}
	was, is = place(was), place(is)
	en := fmt.Sprintf("%s in %s → %s", stage, was, is)
	ja := fmt.Sprintf("%s %s → %s", stageJA(origin.Stage(stage)), was, is)
	if stage == "" {
		en = fmt.Sprintf("origin %s → %s", was, is)
	}
	if by != "" {
		en += ", by " + by
		ja += "（実施者 " + by + "）"
	}
	if c.Is.Strength != c.Was.Strength {
		en += fmt.Sprintf("; %s → %s", c.Was.Strength, c.Is.Strength)
		ja += fmt.Sprintf("、裏付け %s → %s", strengthJA(c.Was.Strength), strengthJA(c.Is.Strength))
	}
	if c.Maker == "" {
		return Text{who + ": " + en, who + "：" + ja}
	}
	maker := sbom.Clip(c.Maker, maxText)
	role := Text{"maker", "製造者"}
	if c.Service {
		role = Text{"provider", "提供者"}
	}
	return Text{
		fmt.Sprintf("%s: %s unchanged (%s), %s", who, role.EN, maker, en),
		fmt.Sprintf("%s：%sは変わらず（%s）、%s", who, role.JA, maker, ja),
	}
}

// shown is a fact's value for people.
func shown(a Aspect, f *Fact) string {
	switch {
	case f == nil:
		return ""
	case f.Value == "":
		return "?"
	case a == Stage, a == PartyAspect, a == AccessAspect, a == Pedigree:
		return place(f.Value)
	}
	return sbom.Clip(f.Value, maxText)
}

// place writes a distribution for people, and any other value as it is.
func place(value string) string {
	v, err := origin.ParseValue(value)
	if err != nil || v.Withheld {
		return sbom.Clip(value, maxText)
	}
	parts := make([]string, len(v.Shares))
	for i, s := range v.Shares {
		parts[i] = s.Code
		if len(v.Shares) > 1 || s.Percent != 10_000 {
			parts[i] += " " + origin.FormatPercent(s.Percent) + " %"
		}
		if s.Party != "" {
			parts[i] += " (" + s.Party + ")"
		}
	}
	return sbom.Clip(strings.Join(parts, ", "), maxText)
}

// noun names what changed.
func (c *Change) noun() Text {
	key := sbom.Clip(c.Key, maxText)
	with := func(en, ja string) Text {
		if key == "" {
			return Text{en, ja}
		}
		return Text{en + " " + key, ja + " " + key}
	}
	switch c.Aspect {
	case Stage:
		stage, basis, _ := strings.Cut(key, "|")
		t := Text{"where it is " + stage, stageJA(origin.Stage(stage))}
		if stage == "" {
			t = Text{"origin", "原産地"}
		}
		if basis != "" {
			t.EN, t.JA = t.EN+" by "+basis, t.JA+"（"+basis+"）"
		}
		return t
	case PartyAspect:
		role, field, _ := strings.Cut(key, ":")
		return partyNoun(role, field)
	case AccessAspect:
		return map[string]Text{
			"from":      {"remote access from", "遠隔アクセス元"},
			"operator":  {"operator of remote access", "遠隔アクセスの実施者"},
			"privilege": {"privilege of remote access", "遠隔アクセスの権限"},
			"always-on": {"remote access always on", "遠隔アクセスの常時接続"},
		}[c.Key]
	case Completeness:
		return map[string]Text{
			"listed":   {"completeness of its parts", "構成部品の完全性の申告"},
			"services": {"completeness of services", "サービスの完全性の申告"},
			"document": {"completeness of the list", "部品表全体の完全性の申告"},
		}[c.Key]
	case Identity:
		return map[string]Text{
			"name": {"name", "名称"}, "group": {"group", "グループ"}, "type": {"type", "種別"}, "gtin": {"GTIN", "GTIN"},
			"purl": {"package URL", "パッケージURL"}, "cpe": {"CPE", "CPE"},
		}[c.Key]
	case Version:
		return with("version", "バージョン")
	case Function:
		return with("function", "機能")
	case Digest:
		return with("digest", "ハッシュ値")
	case Quantity:
		return with("quantity", "数量")
	case Endpoints:
		return with("endpoint", "接続先")
	case Pedigree:
		return with("made from", "元になったもの")
	case Data:
		return with("data", "データ")
	case Link:
		return with("link to BOM", "部品表へのリンク")
	case Attested:
		return with("attestation", "証明")
	case Naming:
		return map[string]Text{"serialNumber": {"serial number", "シリアル番号"}, "version": {"version", "版"}, "specVersion": {"version of CycloneDX", "CycloneDXの版"}}[c.Key]
	}
	return with("property", "プロパティ")
}

// partyNoun names a field of a party in a role.
func partyNoun(role, field string) Text {
	who, ok := map[string]Text{
		string(origin.RoleMaker):      {"maker", "製造者"},
		string(origin.RoleSeller):     {"seller", "供給者"},
		string(origin.RoleProvider):   {"provider", "提供者"},
		string(origin.RoleMaintainer): {"maintainer", "保守者"},
		string(origin.RoleOperator):   {"operator", "運用者"},
		string(origin.RoleAncestor):   {"original maker", "元の製造者"},
		string(origin.RolePerformer):  {"performer", "実施者"},
		string(origin.RoleCustodians): {"custodian of data", "データ管理者"},
		string(origin.RoleStewards):   {"steward of data", "データ責任者"},
		string(origin.RoleOwners):     {"owner of data", "データ所有者"},
		"publisher":                   {"publisher", "発行者"},
	}[role]
	if !ok {
		who = Text{role, role}
	}
	what := map[string]Text{
		"id":         {"", "の識別子"},
		"name":       {"'s name", "の名称"},
		"registered": {"'s registration", "の登録国"},
		"plant":      {"'s plant", "の工場所在地"},
		"owner":      {"'s owner", "の所有者"},
		"address":    {"'s address", "の住所国"},
	}[field]
	return Text{who.EN + what.EN, who.JA + what.JA}
}

// stageJA is the place of a stage.
func stageJA(s origin.Stage) string {
	return cmp.Or(map[origin.Stage]string{
		origin.Overall: "原産地", origin.Designed: "設計場所", origin.Mined: "採掘場所", origin.Harvested: "採取場所",
		origin.Recycled: "再生場所", origin.Refined: "精製場所", origin.Separated: "分離場所", origin.Smelted: "製錬場所",
		origin.Melted: "溶解場所", origin.Processed: "加工場所", origin.Manufactured: "製造場所", origin.Assembled: "組立場所",
		origin.Developed: "開発場所", origin.Built: "ビルド場所", origin.Tested: "試験場所", origin.Collected: "データ収集場所",
		origin.Trained: "学習場所", origin.Hosted: "設置場所（ホスティング）", origin.Operated: "運用場所", origin.Maintained: "保守場所",
	}[s], string(s))
}

func stateJA(s origin.State) string {
	return cmp.Or(map[origin.State]string{origin.Contradicted: "矛盾", origin.Malformed: "読み取り不能", origin.Stated: "申告あり", origin.Untold: "申告なし"}[s], string(s))
}

func strengthJA(s origin.Strength) string {
	return cmp.Or(map[origin.Strength]string{
		origin.Derived: "推定", origin.Asserted: "ベンダーの申告", origin.Cited: "出典あり",
		origin.Attested: "第三者の証明", origin.Observed: "事業者の確認",
	}[s], s.String())
}
