package receiving

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// MaxProfiles bounds the profiles, and the files of openings, of one verdict.
const MaxProfiles = 256

// leastHolding is the least share of the votes of a holder that a profile names, in
// per cent: what is told of a holder whose share is not.
const leastHolding = "5"

// zones is how far the day of one place may be ahead of another's.
const zones = 14 * time.Hour

// Profile is what a party says of itself in a log, as far as it is told or opened.
// Only [OpenProfiles] makes one.
type Profile struct {
	ev     *Evidence
	bundle *Bundle
	trust  ledger.Hash
	leaf   statement.Digest
	body   *statement.Profile
	fields []statement.Opened
}

// ProfileRef is a profile that was given for a verdict.
type ProfileRef struct {
	Party  string   `json:"party"`
	Entry  EntryRef `json:"entry"`
	AsOf   string   `json:"asOf"`   // the day of which it speaks
	Opened []string `json:"opened"` // pointers of the fields that were opened, in the order of the profile
	Used   int      `json:"used"`   // parties of the file and of what it links to that it is about
}

// OpenProfiles verifies bundles of profiles as [Open] does, and openings beside
// those that the bundles bring, each for the one of the profiles that it names. It
// refuses what Open and [statement.Open] refuse and
//
//	VERDICT-PROFILE-KIND   a bundle proves a statement of another kind
//	VERDICT-PROFILE-TWICE  two bundles are of one party in one log
//	VERDICT-PROFILE-LIMIT  more than [MaxProfiles]
//	OPENING-ENTRY-OTHER    openings are for none of the profiles
//
// The result is ordered by log and party. Whether a profile is the newest of its
// party, and stands, is for [Check] to say.
func OpenProfiles(bundles []*Bundle, openings []*statement.Openings, t *ledger.Trust) ([]*Profile, error) {
	if n := max(len(bundles), len(openings)); n > MaxProfiles {
		return nil, sbom.Refuse("VERDICT-PROFILE-LIMIT", "%d profiles or files of openings are more than %d", n, MaxProfiles)
	}
	var list []*Profile
	for _, b := range bundles {
		ev, err := Open(b, t)
		if err != nil {
			return nil, err
		}
		body, ok := ev.Statement.Body.(*statement.Profile)
		if !ok {
			return nil, sbom.Refuse("VERDICT-PROFILE-KIND", "the bundle proves a statement of kind %s, not a profile", ev.Statement.Kind)
		}
		p := &Profile{ev: ev, bundle: b, trust: t.Digest, leaf: statement.Digest(ledger.LeafHash(ev.Leaf)), body: body}
		if slices.ContainsFunc(list, func(o *Profile) bool { return o.bundle.Log == b.Log && o.ev.Party == ev.Party }) {
			return nil, sbom.Refuse("VERDICT-PROFILE-TWICE", "two bundles are of the profile of %s in %s", ev.Party, b.Log)
		}
		list = append(list, p)
	}
	for _, p := range list {
		fits := slices.Clone(p.bundle.Openings)
		for _, o := range openings {
			if p.named(o) {
				fits = append(fits, o)
			}
		}
		var err error
		if p.fields, err = statement.Open(p.ev.Statement, p.leaf, p.position(), fits...); err != nil {
			return nil, err
		}
	}
	for _, o := range openings {
		if !slices.ContainsFunc(list, func(p *Profile) bool { return p.named(o) }) {
			return nil, sbom.Refuse("OPENING-ENTRY-OTHER", "openings of kind %s are for an entry that is none of the %d profiles given", o.Kind, len(list))
		}
	}
	slices.SortFunc(list, func(a, b *Profile) int {
		return cmp.Or(strings.Compare(a.bundle.Log, b.bundle.Log), strings.Compare(a.ev.Party, b.ev.Party))
	})
	return list, nil
}

// Checkpoint returns the checkpoint under which the profile is proven.
func (p *Profile) Checkpoint() ledger.Signed {
	return ledger.Signed{Checkpoint: p.ev.Checkpoint, Note: p.bundle.Checkpoint}
}

func (p *Profile) position() *statement.Position {
	return &statement.Position{Log: p.bundle.Log, Index: p.ev.Index}
}

// named reports whether openings say that they are for this profile, by one of the
// ways to name it. If the other says something else they are refused.
func (p *Profile) named(o *statement.Openings) bool {
	return o.Leaf == p.leaf || o.Position != nil && *o.Position == *p.position()
}

// ref returns how a verdict names the profile.
func (p *Profile) ref() ProfileRef {
	r := ProfileRef{
		Party: p.ev.Party, AsOf: p.body.AsOf, Opened: []string{},
		Entry: EntryRef{
			Log: p.bundle.Log, Index: p.ev.Index, TreeSize: p.ev.Checkpoint.Size,
			Checkpoint: p.ev.Checkpoint.Digest().String(), Standing: string(p.ev.Standing.Word),
		},
	}
	for _, f := range p.fields {
		if f.State == statement.FieldOpened {
			r.Opened = append(r.Opened, f.Pointer)
		}
	}
	return r
}

// place returns how a place in the profile is written beside pointers into BOMs.
func (p *Profile) place(pointer string) string {
	return "leaf:" + p.leaf.Hex() + "#" + pointer
}

// value returns what a field says; known is false if it is only committed to.
func (p *Profile) value(pointer string) (text string, known bool) {
	for i := range p.fields {
		if f := &p.fields[i]; f.Pointer == pointer {
			return f.Value, f.State != statement.FieldCommitted
		}
	}
	return "", false
}

// withheld returns the places of the fields on which rules rest and that nobody
// opened.
func (p *Profile) withheld() (list []string) {
	for _, f := range p.fields {
		name := f.Pointer[strings.LastIndexByte(f.Pointer, '/')+1:]
		if f.State == statement.FieldCommitted && slices.Contains([]string{"incorporated", "country", "nationality", "share"}, name) {
			list = append(list, p.place(f.Pointer))
		}
	}
	return list
}

// facts returns the profile as facts of origin.
func (p *Profile) facts() origin.Profile {
	out := origin.Profile{Log: p.bundle.Log, Party: p.ev.Party, Index: p.ev.Index, Strength: origin.Asserted}
	// Of a day that had not come when the log last spoke nobody can tell anything.
	if day, err := time.Parse(time.DateOnly, p.body.AsOf); err == nil && p.ev.Status != nil && day.Sub(p.ev.Status.Made) <= zones {
		out.AsOf = day
	}
	if !p.body.Incorporated.IsZero() {
		out.Registered = []origin.Fact{p.country("/incorporated")}
	}
	if rows := p.body.Holders; rows != nil {
		out.Owner = []origin.Fact{p.holders(len(rows.List))}
	}
	if rows := p.body.Officers; rows != nil {
		out.Officers = p.roll("/officers", "nationality", rows.Whole, len(rows.List))
	}
	if rows := p.body.Sales; rows != nil {
		out.Sales = p.roll("/sales", "country", rows.Whole, len(rows.List))
	}
	if rows := p.body.Plants; rows != nil {
		out.Plant = p.roll("/plants", "country", rows.Whole, len(rows.List)).Facts
	}
	return out
}

// country returns a field as the whole of what it is about.
func (p *Profile) country(pointer string) origin.Fact {
	f := origin.Fact{State: origin.Stated, Strength: origin.Asserted, Pointer: p.place(pointer), Value: origin.Value{Withheld: true}}
	if code, known := p.value(pointer); known {
		v, err := origin.ParseValue(code)
		if f.Value = v; err != nil {
			f.State, f.Written = origin.Malformed, code
		}
	}
	return f
}

func (p *Profile) roll(pointer, field string, whole bool, n int) *origin.Roll {
	r := &origin.Roll{Whole: whole, Strength: origin.Asserted}
	for i := range n {
		r.Facts = append(r.Facts, p.country(pointer+"/list/"+strconv.Itoa(i)+"/"+field))
	}
	return r
}

// holders returns the holders as one distribution. Whoever holds too little to be
// named holds a share of which nothing is known.
func (p *Profile) holders(n int) origin.Fact {
	f := origin.Fact{State: origin.Stated, Strength: origin.Asserted, Pointer: p.place("/holders")}
	told := 0
	for i := range n {
		row := "/holders/list/" + strconv.Itoa(i)
		code, known := p.value(row + "/country")
		if told++; !known {
			code = origin.UnknownCode
			told--
		}
		share, known := p.value(row + "/share")
		if !known {
			share = leastHolding
		}
		v, err := origin.ParseValue(code + "=" + share)
		if err != nil {
			f.State, f.Written = origin.Malformed, code+"="+share
			return f
		}
		f.Value.Shares = append(f.Value.Shares, v.Shares...)
	}
	switch {
	case n == 0:
		f.Value, _ = origin.ParseValue(origin.UnknownCode)
	case told == 0:
		f.Value = origin.Value{Withheld: true}
	case f.Value.Over():
		f.State = origin.Contradicted
	}
	return f
}

// profiles returns the facts together with what profiles say that stand, says what
// is wrong with the others, and takes their days into account.
func (j *judge) profiles(facts *origin.Facts) (*origin.Facts, time.Time) {
	if len(j.r.Profiles) == 0 {
		return facts, time.Time{}
	}
	all := make([]origin.Profile, len(j.r.Profiles))
	for i, p := range j.r.Profiles {
		all[i] = p.facts()
	}
	_, about := facts.Profiled(all)
	var standing []origin.Profile
	for i, p := range j.r.Profiles {
		ref := p.ref()
		ref.Used = about[i]
		j.v.Profiles = append(j.v.Profiles, ref)
		if about[i] == 0 {
			j.speak(RowOrigin, Pass, "VERDICT-PROFILE-UNUSED",
				fmt.Sprintf("the profile of %s in %s is about no party that the file names by its id in that log", ref.Party, ref.Entry.Log),
				fmt.Sprintf("%[2]sの%[1]sの企業情報は、このファイルがその台帳の識別子で示すどの当事者のものでもありません", ref.Party, ref.Entry.Log)).Entry = &ref.Entry.Index
			continue
		}
		if !j.stands(p) {
			continue
		}
		standing = append(standing, all[i])
		if list := p.withheld(); len(list) > 0 {
			slices.Sort(list)
			r := j.speak(RowOrigin, Pass, "VERDICT-PROFILE-WITHHELD",
				fmt.Sprintf("withheld: %d fields of the profile of %s are committed to and not opened", len(list), ref.Party),
				fmt.Sprintf("%sの企業情報のうち%d項目が秘匿されたまま開示されていません", ref.Party, len(list)))
			r.Count, r.Subjects, r.Entry = len(list), list, &ref.Entry.Index
		}
	}
	out, _ := facts.Profiled(standing)
	j.contradicted(out, len(facts.Findings))
	oldest := time.Time{}
	for _, p := range standing {
		if oldest.IsZero() || p.AsOf.Before(oldest) {
			oldest = p.AsOf
		}
	}
	if i := out.Product(); i < 0 || out.Components[i].Party(origin.RoleMaker).AsOf.IsZero() {
		oldest = time.Time{}
	}
	return out, oldest
}

// contradicted notes where a document and a profile cannot both be right.
func (j *judge) contradicted(facts *origin.Facts, before int) {
	var pointers []string
	for _, f := range facts.Findings[before:] {
		pointers = append(pointers, f.Pointer)
	}
	if len(pointers) == 0 {
		return
	}
	slices.Sort(pointers)
	pointers = slices.Compact(pointers)
	r := j.speak(RowOrigin, Pass, "VERDICT-PROFILE-CONTRADICTED",
		fmt.Sprintf("profiles contradict the file in %d places", len(pointers)),
		fmt.Sprintf("企業情報がファイルの記載と%d箇所で矛盾しています", len(pointers)))
	r.Count, r.Subjects = len(pointers), pointers
}

// stands reports whether a profile is what its party says of itself, at the size at
// which the file and what it links to are proven, and says if not.
func (j *judge) stands(p *Profile) bool {
	party, index := p.ev.Party, p.ev.Index
	no := func(code, en, ja string, entry int64) bool {
		j.speak(RowOrigin, Unknown, code, "the profile of "+party+" "+en, party+"の企業情報は"+ja).Entry = &entry
		return false
	}
	if p.ev.Standing.Word == registry.Void {
		return no("VERDICT-PROFILE-VOID", "rests on keys that are void at its index", "、その時点で無効な鍵によるものです", index)
	}
	if p.ev.Newest != p.ev.Standing.First {
		return no("VERDICT-PROFILE-SUPERSEDED",
			fmt.Sprintf("is not the newest: entry %d is", p.ev.Newest),
			fmt.Sprintf("最新ではありません（最新は%d番の記録）", p.ev.Newest), p.ev.Newest)
	}
	if n := len(p.ev.Suspensions); n > 0 {
		at := p.ev.Suspensions[n-1]
		return no("VERDICT-PROFILE-SUSPENDED",
			fmt.Sprintf("does not count: entry %d suspends the party", at),
			fmt.Sprintf("、%d番の記録により当事者が停止されているため用いません", at), at)
	}
	if why, ja := j.unproven(p.ev); why != "" {
		j.stale = true
		return no("VERDICT-PROFILE-UNPROVEN", "may not be the newest: "+why, "、最新であることを確認できません（"+ja+"）", index)
	}
	if size := j.sizeOf(p.bundle.Log); p.ev.Checkpoint.Size < size {
		j.stale = true
		return no("VERDICT-PROFILE-UNPROVEN",
			fmt.Sprintf("may not be the newest: it is proven at %d entries, the file at %d", p.ev.Checkpoint.Size, size),
			fmt.Sprintf("、最新であることを確認できません（企業情報は%d件、ファイルは%d件の時点で証明）", p.ev.Checkpoint.Size, size), index)
	}
	return true
}

// unproven says why nothing shows that a bundle's history is all there is, "" if its
// status does, and is not older than the policy lets it be, and its checkpoint has the
// cosignatures that the trust file demands: what only the log says may be a fork.
func (j *judge) unproven(ev *Evidence) (en, ja string) {
	if ev.Status == nil {
		return "its bundle has no usable status", "証明束に有効な状態証明がない"
	}
	when := statement.FormatTime(ev.Status.Made)
	if Ahead(ev.Status.Made, j.r.At) {
		return "its status is dated " + when + ", after the time of judgement", "状態証明の日時" + when + "が判定時刻より後"
	}
	if hold := j.r.Policy.Freshness.Hold; j.r.At.Sub(ev.Status.Made) > hold {
		return fmt.Sprintf("its status of %s is older than %s", when, duration(hold)), fmt.Sprintf("%sの状態証明が許容期間（%s）を過ぎている", when, duration(hold))
	}
	if w := j.r.Trust.Witnesses; w.Demanded() && !w.Satisfied(j.younger(ev, j.r.Policy.Freshness.Hold)) {
		return fmt.Sprintf("its checkpoint does not reach quorum %q of witnesses with cosignatures that count", w.Quorum()),
			fmt.Sprintf("証明束のチェックポイントが、有効な連署で立会人の定足数 %q に達していない", w.Quorum())
	}
	return "", ""
}

// sizeOf returns the largest size of a log at which the file or one that it links to
// is proven, 0 if none is.
func (j *judge) sizeOf(log string) int64 {
	size := int64(0)
	look := func(x *judge) {
		if x.ev != nil && x.r.Bundle.Log == log {
			size = max(size, x.ev.Checkpoint.Size)
		}
	}
	look(j)
	for _, v := range j.linked {
		look(v.judge)
	}
	return size
}
