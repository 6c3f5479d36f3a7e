package registry

import (
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// with returns the body changed by f.
func with[T any](body T, f func(*T)) T {
	f(&body)
	return body
}

// TestRules has a case for every rule, which is admitted or refused with
// another code if the rule is taken away. Each is proposed to a log of genesis,
// admission and the vendor x:a (threshold 2 of a1, a2, p256a), at index 3.
func TestRules(t *testing.T) {
	base := founded(t)
	admission, _ := base.AdmissionAt(3)
	vendor, _ := base.Party("x:a")
	newer := func(f func(*statement.Party)) statement.Party {
		return with(partyBody(t, "x:a", 2, "a1", "a2", "p256a"), func(p *statement.Party) {
			p.Version, p.Prev = 2, vendor.Leaf
			f(p)
		})
	}
	follow := func(f func(*statement.Admission)) statement.Admission {
		return with(admissionBody(), func(a *statement.Admission) {
			a.Prev = admission.Leaf
			f(a)
		})
	}
	edit := func(f func(*statement.BOM)) statement.BOM { return with(bomBody("x:a", "bytes"), f) }
	nothing := func(*statement.Admission) {}
	same := func(*statement.Party) {}
	maker := func(m string) func(*statement.BOM) {
		return func(b *statement.BOM) { b.Product = &statement.Product{Name: "n", Maker: m} }
	}
	superseding := func(log string, index int64) func(*statement.BOM) {
		return func(b *statement.BOM) {
			b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: log, Index: index}, Reason: statement.ReasonCorrection}
		}
	}
	for _, c := range []struct {
		name string
		body any
		by   []string
		code string // "" is admitted
	}{
		{"status", statement.Status{
			Head: head(), BOM: digest("b"), Size: 3, Root: digest("r"), About: "x:a", Entries: []int64{2},
		}, []string{"log"}, "STATE-KIND-NEVER"},
		{"trust", statement.Trust{Head: head(), File: digest("t")}, []string{"r1", "r2"}, "STATE-KIND-NEVER"},
		{"second genesis", genesisBody(t), []string{"r1", "r2"}, "STATE-GENESIS-SECOND"},

		{"bom", edit(func(*statement.BOM) {}), []string{"a1", "a2"}, ""},
		{"bom by ECDSA", edit(func(*statement.BOM) {}), []string{"a1", "p256a"}, ""},
		{"bom by all", edit(func(*statement.BOM) {}), []string{"a1", "a2", "p256a"}, ""},
		{"bom for any log", edit(func(b *statement.BOM) { b.Log = "" }), []string{"a1", "a2"}, ""},
		{"bom for another log", edit(func(b *statement.BOM) { b.Log = "ledger.example/other" }), []string{"a1", "a2"}, "STATE-LOG-OTHER"},
		{"bom below threshold", edit(func(*statement.BOM) {}), []string{"a1"}, "STATE-THRESHOLD-SHORT"},
		{"bom by a stranger too", edit(func(*statement.BOM) {}), []string{"a1", "a2", "stranger"}, "STATE-KEY-STANDING"},
		{"bom by strangers", edit(func(*statement.BOM) {}), []string{"stranger", "stranger2"}, "STATE-KEY-STANDING"},
		{"bom by the registrar", edit(func(*statement.BOM) {}), []string{"r1", "r2"}, "STATE-KEY-STANDING"},
		{"bom of nobody", bomBody("x:nobody", "bytes"), []string{"a1", "a2"}, "STATE-PARTY-UNKNOWN"},
		{"bom at the limit", edit(func(b *statement.BOM) { b.Size = 1000 }), []string{"a1", "a2"}, ""},
		{"bom above the limit", edit(func(b *statement.BOM) { b.Size = 1001 }), []string{"a1", "a2"}, "STATE-BOM-LIMIT"},
		{"bom of another spec", edit(func(b *statement.BOM) {
			b.SpecVersion, b.MediaType = "1.4", "application/vnd.cyclonedx+json; version=1.4"
		}), []string{"a1", "a2"}, "STATE-SPEC-CLOSED"},
		{"bom for own id", edit(maker("x:a")), []string{"a1", "a2"}, ""},
		{"bom for a name", edit(maker("Acme: Relays")), []string{"a1", "a2"}, ""},
		{"bom for another maker", edit(maker("x:b")), []string{"a1", "a2"}, "STATE-SPEAKS-FOR"},
		{"bom superseding", edit(superseding(origin, 2)), []string{"a1", "a2"}, ""},
		{"bom superseding itself", edit(superseding(origin, 3)), []string{"a1", "a2"}, "STATE-POSITION-INDEX"},
		{"bom superseding the future", edit(superseding(origin, 9)), []string{"a1", "a2"}, "STATE-POSITION-INDEX"},
		{"bom superseding elsewhere", edit(superseding("ledger.example/other", 0)), []string{"a1", "a2"}, "STATE-POSITION-LOG"},

		{"freeze", freezeBody(t, 3, "s1", "s2"), []string{"r1", "r3", "s1", "s2"}, ""},
		{"freeze by all", freezeBody(t, 3, "s1"), []string{"r1", "r2", "r3", "s1"}, ""},
		{"freeze to the same registrar", freezeBody(t, 3, "r1", "r2"), []string{"r1", "r2"}, ""},
		{"freeze to one of the registrar's keys", freezeBody(t, 3, "r1"), []string{"r1"}, "STATE-THRESHOLD-SHORT"},
		{"freeze by the old registrar alone", freezeBody(t, 3, "s1"), []string{"r1", "r2"}, "STATE-POSSESSION-MISSING"},
		{"freeze by the new registrar alone", freezeBody(t, 3, "s1", "s2"), []string{"s1", "s2"}, "STATE-THRESHOLD-SHORT"},
		{"freeze below the old threshold", freezeBody(t, 3, "s1"), []string{"r1", "s1"}, "STATE-THRESHOLD-SHORT"},
		{"freeze with half possession", freezeBody(t, 3, "s1", "s2"), []string{"r1", "r2", "s1"}, "STATE-POSSESSION-MISSING"},
		{"freeze by a stranger too", freezeBody(t, 3, "s1"), []string{"r1", "r2", "s1", "stranger"}, "STATE-KEY-STANDING"},
		{"freeze by a vendor too", freezeBody(t, 3, "s1"), []string{"r1", "r2", "s1", "a1"}, "STATE-KEY-STANDING"},
		{"freeze of a smaller tree", freezeBody(t, 2, "s1"), []string{"r1", "r2", "s1"}, "STATE-FREEZE-SIZE"},
		{"freeze of a larger tree", freezeBody(t, 4, "s1"), []string{"r1", "r2", "s1"}, "STATE-FREEZE-SIZE"},
		{"freeze of another log", with(freezeBody(t, 3, "s1"), func(f *statement.Freeze) { f.Log = "ledger.example/other" }), []string{"r1", "r2", "s1"}, "STATE-LOG-OTHER"},

		{"admission", follow(nothing), []string{"r1", "r3"}, ""},
		{"admission by all", follow(nothing), []string{"r1", "r2", "r3"}, ""},
		{"admission below threshold", follow(nothing), []string{"r1"}, "STATE-THRESHOLD-SHORT"},
		{"admission by a vendor", follow(nothing), []string{"a1", "a2"}, "STATE-KEY-STANDING"},
		{"admission by a stranger too", follow(nothing), []string{"r1", "r2", "stranger"}, "STATE-KEY-STANDING"},
		{"admission by the log", follow(nothing), []string{"log"}, "STATE-KEY-STANDING"},
		{"admission without prev", with(admissionBody(), func(a *statement.Admission) { a.Note = "x" }), []string{"r1", "r2"}, "STATE-PREV-STALE"},
		{"admission with stale prev", follow(func(a *statement.Admission) { a.Prev = vendor.Leaf }), []string{"r1", "r2"}, "STATE-PREV-STALE"},
		{"admission for another log", follow(func(a *statement.Admission) { a.Log = "ledger.example/other" }), []string{"r1", "r2"}, "STATE-LOG-OTHER"},
		{"same admission", admissionBody(), []string{"r1", "r2"}, ""},

		{"party", partyBody(t, "x:b", 1, "b1"), []string{"r1", "r2", "b1"}, ""},
		{"party below registrar's threshold", partyBody(t, "x:b", 1, "b1"), []string{"r1", "b1"}, "STATE-THRESHOLD-SHORT"},
		{"party by itself", partyBody(t, "x:b", 1, "b1"), []string{"b1"}, "STATE-THRESHOLD-SHORT"},
		{"party without possession", partyBody(t, "x:b", 1, "b1"), []string{"r1", "r2"}, "STATE-POSSESSION-MISSING"},
		{"party with half possession", partyBody(t, "x:b", 1, "b1", "b2"), []string{"r1", "r2", "b1"}, "STATE-POSSESSION-MISSING"},
		{"party by a stranger too", partyBody(t, "x:b", 1, "b1"), []string{"r1", "r2", "b1", "stranger"}, "STATE-KEY-STANDING"},
		{"party with another's key", partyBody(t, "x:b", 1, "a1"), []string{"r1", "r2", "a1"}, "STATE-KEY-TAKEN"},
		{"party with the registrar's key", partyBody(t, "x:b", 1, "r1"), []string{"r1", "r2"}, "STATE-KEY-TAKEN"},
		{"party with the log's key", partyBody(t, "x:b", 1, "log"), []string{"r1", "r2", "log"}, "STATE-KEY-TAKEN"},
		{"party for another log", with(partyBody(t, "x:b", 1, "b1"), func(p *statement.Party) { p.Log = "ledger.example/other" }), []string{"r1", "r2", "b1"}, "STATE-LOG-OTHER"},
		{"party with unknown prev", with(partyBody(t, "x:b", 1, "b1"), func(p *statement.Party) { p.Prev, p.Version = vendor.Leaf, 2 }), []string{"r1", "r2", "b1"}, "STATE-PREV-UNKNOWN"},
		{"party again", with(partyBody(t, "x:a", 1, "b1"), func(p *statement.Party) { p.Name = "Other" }), []string{"r1", "r2", "b1"}, "STATE-PREV-STALE"},
		{"same party statement", partyBody(t, "x:a", 2, "a1", "a2", "p256a"), []string{"r1", "r2", "a1", "a2", "p256a"}, ""},
		{"same party, one more registrar", partyBody(t, "x:a", 2, "a1", "a2", "p256a"), []string{"r1", "r2", "r3", "a1", "a2", "p256a"}, "STATE-PREV-STALE"},
		{"party's second version", newer(same), []string{"r1", "r2", "a1", "a2", "p256a"}, ""},
		{"party's second version without possession", newer(same), []string{"r1", "r2", "a1", "a2"}, "STATE-POSSESSION-MISSING"},
		{"party's third version", newer(func(p *statement.Party) { p.Version = 3 }), []string{"r1", "r2", "a1", "a2", "p256a"}, "STATE-PARTY-VERSION"},
		{"party's second version, stale", newer(func(p *statement.Party) { p.Prev = admission.Leaf }), []string{"r1", "r2", "a1", "a2", "p256a"}, "STATE-PREV-STALE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := founded(t)
			p := prepared(t, c.body, c.by...)
			wantCode(t, s.Check(p), c.code)
			errs := s.Propose(3, []any{p})
			s.Keep()
			wantCode(t, errs[0], c.code)
			replay := founded(t)
			wantCode(t, replay.Apply(3, p), c.code)
			equal(t, s, replay)
		})
	}
}

// TestRulesOfAdmission has the rules that another admission, or another
// enrolment, makes.
func TestRulesOfAdmission(t *testing.T) {
	bom := prepared(t, bomBody("x:a", "bytes"), "a1", "a2")
	byECDSA := prepared(t, bomBody("x:a", "bytes"), "a1", "p256a")
	newParty := prepared(t, partyBody(t, "x:b", 1, "b1"), "r1", "r2", "b1")
	newECDSA := prepared(t, partyBody(t, "x:b", 1, "p256b"), "r1", "r2", "p256b")
	prev := func(s *State) statement.Digest { a, _ := s.AdmissionAt(3); return a.Leaf }
	vendorPrev := func(s *State) statement.Digest { e, _ := s.Party("x:a"); return e.Leaf }
	admit := func(f func(*statement.Admission)) func(*State) *Prepared {
		return func(s *State) *Prepared {
			return prepared(t, with(admissionBody(), func(a *statement.Admission) { a.Prev = prev(s); f(a) }), "r1", "r2")
		}
	}
	enrol := func(by []string, f func(*statement.Party)) func(*State) *Prepared {
		return func(s *State) *Prepared {
			return prepared(t, with(partyBody(t, "x:a", 2, "a1", "a2", "p256a"), func(p *statement.Party) {
				p.Version, p.Prev = 2, vendorPrev(s)
				f(p)
			}), by...)
		}
	}
	all := []string{"r1", "r2", "a1", "a2", "p256a"}
	noECDSA := admit(func(a *statement.Admission) { a.Algorithms = []string{envelope.Ed25519} })
	for name, c := range map[string]struct {
		change func(*State) *Prepared
		then   *Prepared
		code   string
	}{
		"kind bom closed":       {admit(func(a *statement.Admission) { a.Kinds = []statement.Kind{statement.KindParty} }), bom, "STATE-KIND-CLOSED"},
		"kind party open":       {admit(func(a *statement.Admission) { a.Kinds = []statement.Kind{statement.KindParty} }), newParty, ""},
		"kind party closed":     {admit(func(a *statement.Admission) { a.Kinds = []statement.Kind{statement.KindBOM} }), newParty, "STATE-KIND-CLOSED"},
		"ECDSA closed to boms":  {noECDSA, byECDSA, "STATE-ALGORITHM-CLOSED"},
		"Ed25519 open to boms":  {noECDSA, bom, ""},
		"ECDSA closed to party": {noECDSA, newECDSA, "STATE-ALGORITHM-CLOSED"},
		"Ed25519 open to party": {noECDSA, newParty, ""},
		"smaller limit":         {admit(func(a *statement.Admission) { a.Limits.BOMBytes = 99 }), bom, "STATE-BOM-LIMIT"},
		"fewer versions":        {admit(func(a *statement.Admission) { a.Limits.SpecVersions = []string{"1.5"} }), bom, "STATE-SPEC-CLOSED"},
		"no vendor any more":    {enrol(all, func(p *statement.Party) { p.Roles = []string{statement.RoleAuditor} }), bom, "STATE-ROLE-MISSING"},
		"speaks for another":    {enrol(all, func(p *statement.Party) { p.SpeaksFor = []string{"x:b"} }), bom, "STATE-SPEAKS-FOR"},
		"speaks for both":       {enrol(all, func(p *statement.Party) { p.SpeaksFor = []string{"x:a", "x:b"} }), bom, ""},
		"key gone":              {enrol([]string{"r1", "r2", "a1", "p256a"}, func(p *statement.Party) { p.KeySet = keySet(t, 1, "a1", "p256a") }), bom, "STATE-KEY-STANDING"},
		"key gone, others sign": {enrol([]string{"r1", "r2", "a1", "p256a"}, func(p *statement.Party) { p.KeySet = keySet(t, 1, "a1", "p256a") }), byECDSA, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := founded(t)
			errs := s.Propose(3, []any{c.change(s), c.then})
			s.Keep()
			if errs[0] != nil {
				t.Fatal(errs[0])
			}
			wantCode(t, errs[1], c.code)
		})
	}
}

// TestKeyStaysTaken: a key that a party no longer has is nobody else's.
func TestKeyStaysTaken(t *testing.T) {
	s := founded(t)
	e, _ := s.Party("x:a")
	change := with(partyBody(t, "x:a", 1, "a1"), func(p *statement.Party) { p.Version, p.Prev = 2, e.Leaf })
	errs := s.Propose(3, []any{
		prepared(t, change, "r1", "r2", "a1"),
		prepared(t, partyBody(t, "x:b", 1, "a2"), "r1", "r2", "a2"),
	})
	s.Keep()
	wantCode(t, errs[0], "")
	wantCode(t, errs[1], "STATE-KEY-TAKEN")
	if s.KeyStands(key(t, "a2").Key().ID(), "x:a", 4) || !s.KeyStands(key(t, "a2").Key().ID(), "x:a", 3) {
		t.Error("a2 stands at 3 and no longer at 4")
	}
}

// TestCheckpointKeyTaken: the key that signs checkpoints signs nothing else.
func TestCheckpointKeyTaken(t *testing.T) {
	private := ed25519.NewKeyFromSeed(checkpointSeed)
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	public, err := envelope.ParseKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	s := founded(t)
	if who, ok := s.KeyOwner(public.ID()); !ok || who != "checkpoint" {
		t.Fatalf("owner %q", who)
	}
	body := partyBody(t, "x:b", 1, "b1")
	body.KeySet = statement.NewKeySet(1, public, key(t, "b1").Key())
	wantCode(t, s.Check(prepared(t, body, "r1", "r2", "b1")), "STATE-KEY-TAKEN")
}

// TestBeginning has the rules of the first entries.
func TestBeginning(t *testing.T) {
	leaves := foundation(t)
	open := func(leaf []byte) *Prepared {
		p, err := PrepareLeaf(leaf)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	genesis, admission, party := open(leaves[0]), open(leaves[1]), open(leaves[2])
	other := with(genesisBody(t), func(g *statement.Genesis) {
		g.Log = "ledger.example/other"
		public := ed25519.NewKeyFromSeed(checkpointSeed).Public().(ed25519.PublicKey)
		g.Checkpoint = []string{vkey(g.Log, 1, public), vkey(g.Log, 6, make([]byte, 1312))}
	})

	wantCode(t, New(origin).Apply(0, admission), "STATE-GENESIS-MISSING")
	wantCode(t, New(origin).Apply(1, admission), "STATE-GENESIS-MISSING")
	wantCode(t, New(origin).Apply(1, genesis), "STATE-GENESIS-MISSING")
	wantCode(t, New(origin).Apply(0, prepared(t, other, "r1", "r2")), "STATE-LOG-OTHER")
	wantCode(t, New(origin).Apply(0, prepared(t, genesisBody(t), "r1")), "STATE-THRESHOLD-SHORT")
	wantCode(t, New(origin).Apply(0, prepared(t, genesisBody(t), "log", "r1", "r2")), "STATE-KEY-STANDING")

	s := New(origin)
	wantCode(t, s.Apply(0, genesis), "")
	wantCode(t, s.Apply(0, genesis), "STATE-INDEX-ORDER")
	wantCode(t, s.Apply(1, genesis), "STATE-GENESIS-SECOND")
	wantCode(t, s.Apply(1, party), "STATE-ADMISSION-MISSING")
	wantCode(t, s.Apply(1, prepared(t, bomBody("x:a", "b"), "a1")), "STATE-ADMISSION-MISSING")
	wantCode(t, s.Apply(1, prepared(t, with(admissionBody(), func(a *statement.Admission) { a.Prev = digest("x") }), "r1", "r2")), "STATE-PREV-UNKNOWN")
	wantCode(t, s.Apply(1, admission), "")

	if _, r := s.judge(2, &Prepared{statement: &statement.Statement{Kind: "shipment", Head: head()}}); r == nil || r.Code() != "STATE-KIND-NEWER" || !errors.Is(r, statement.ErrNewer) {
		t.Errorf("a kind without a rule: %v", r)
	}
}

func TestStaleNamesTheWinner(t *testing.T) {
	s := founded(t)
	vendor, _ := s.Party("x:a")
	err := s.Check(prepared(t, partyBody(t, "x:a", 1, "b1"), "r1", "r2", "b1"))
	var stale *StaleError
	if !errors.As(err, &stale) || stale.Index != 2 || stale.Leaf != vendor.Leaf {
		t.Errorf("%v does not name entry 2", err)
	}
}
