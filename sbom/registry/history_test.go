package registry

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// replay applies bodies one after another, behind the foundation and the second
// vendor x:b (key b1, entry 3); the first has index 4.
func replay(t testing.TB, entries ...*Prepared) *History {
	t.Helper()
	h := NewHistory(origin)
	var all []*Prepared
	for _, leaf := range foundation(t) {
		all = append(all, mustPrepare(t, leaf))
	}
	all = append(all, prepared(t, partyBody(t, "x:b", 1, "b1"), "r1", "r2", "b1"))
	for i, p := range append(all, entries...) {
		if err := h.Apply(int64(i), p); err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
	return h
}

func byA(t testing.TB, content string, f func(*statement.BOM)) *Prepared {
	return prepared(t, with(bomBody("x:a", content), f), "a1", "a2")
}

func byB(t testing.TB, content string, f func(*statement.BOM)) *Prepared {
	return prepared(t, with(bomBody("x:b", content), f), "b1")
}

func plain(*statement.BOM) {}

func superseding(index int64, reason string) func(*statement.BOM) {
	return func(b *statement.BOM) {
		b.Version = 100 + int64(b.Digest[0]) // no equivocation
		b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: origin, Index: index}, Reason: reason}
	}
}

func TestStanding(t *testing.T) {
	type at struct {
		index, size int64
		want        Standing
	}
	for name, c := range map[string]struct {
		entries []*Prepared
		at      []at
		notes   []string
	}{
		"one": {
			entries: []*Prepared{byA(t, "1", plain)},
			at:      []at{{4, 5, Standing{Word: Admitted, First: 4}}, {4, 99, Standing{Word: Admitted, First: 4}}},
		},
		"equivocal, both entries": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", plain)},
			at: []at{
				{4, 5, Standing{Word: Admitted, First: 4}},
				{4, 6, Standing{Word: Equivocal, First: 4, Equivocal: []int64{5}}},
				{5, 6, Standing{Word: Equivocal, First: 5, Equivocal: []int64{4}}},
			},
		},
		"same bytes said twice are not equivocal": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "1", func(b *statement.BOM) { b.Note = "again" })},
			at:      []at{{4, 6, Standing{Word: Admitted, First: 4}}, {5, 6, Standing{Word: Admitted, First: 5}}},
		},
		"three, two alike": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", plain), byA(t, "1", func(b *statement.BOM) { b.Note = "again" })},
			at: []at{
				{4, 7, Standing{Word: Equivocal, First: 4, Equivocal: []int64{5}}},
				{5, 7, Standing{Word: Equivocal, First: 5, Equivocal: []int64{4, 6}}},
				{6, 7, Standing{Word: Equivocal, First: 6, Equivocal: []int64{5}}},
			},
		},
		"nobody squats another's number": {
			entries: []*Prepared{byA(t, "1", plain), byB(t, "2", plain)},
			at:      []at{{4, 6, Standing{Word: Admitted, First: 4}}, {5, 6, Standing{Word: Admitted, First: 5}}},
		},
		"another version": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", func(b *statement.BOM) { b.Version = 2 })},
			at:      []at{{4, 6, Standing{Word: Admitted, First: 4}}},
		},
		"no serial number, no equivocation": {
			entries: []*Prepared{
				byA(t, "1", func(b *statement.BOM) { b.SerialNumber = "" }), byA(t, "2", func(b *statement.BOM) { b.SerialNumber = "" }),
			},
			at: []at{{4, 6, Standing{Word: Admitted, First: 4}}, {5, 6, Standing{Word: Admitted, First: 5}}},
		},
		"superseded": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", superseding(4, "revision")), byA(t, "3", superseding(4, "correction"))},
			at: []at{
				{4, 5, Standing{Word: Admitted, First: 4}},
				{4, 6, Standing{Word: Superseded, First: 4, Followers: []Succession{{5, "revision"}}}},
				{4, 7, Standing{Word: Superseded, First: 4, Followers: []Succession{{5, "revision"}, {6, "correction"}}}},
				{5, 7, Standing{Word: Admitted, First: 5}},
			},
		},
		"superseded by another party is idle": {
			entries: []*Prepared{byA(t, "1", plain), byB(t, "2", superseding(4, "correction"))},
			at:      []at{{4, 6, Standing{Word: Admitted, First: 4}}, {5, 6, Standing{Word: Admitted, First: 5}}},
			notes:   []string{"STATE-SUPERSEDES-IDLE"},
		},
		"superseding what is no BOM is idle": {
			entries: []*Prepared{byA(t, "1", superseding(2, "correction"))},
			at:      []at{{4, 5, Standing{Word: Admitted, First: 4}}},
			notes:   []string{"STATE-SUPERSEDES-IDLE"},
		},
		"equivocal outweighs superseded": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", plain), byA(t, "3", superseding(4, "revision"))},
			at: []at{{4, 7, Standing{
				Word: Equivocal, First: 4, Equivocal: []int64{5}, Followers: []Succession{{6, "revision"}},
			}}},
		},
		"identical entry is idle": {
			entries: []*Prepared{byA(t, "1", plain), byA(t, "2", superseding(4, "revision")), byA(t, "1", plain), byA(t, "3", superseding(6, "correction"))},
			at: []at{
				{6, 7, Standing{Word: Superseded, First: 4, Followers: []Succession{{5, "revision"}}}},
				{4, 8, Standing{Word: Superseded, First: 4, Followers: []Succession{{5, "revision"}, {7, "correction"}}}},
			},
			notes: []string{"STATE-ENTRY-IDLE"},
		},
		"identical party is idle": {
			entries: []*Prepared{mustPrepare(t, foundation(t)[2]), mustPrepare(t, foundation(t)[1])},
			notes:   []string{"STATE-ENTRY-IDLE", "STATE-ENTRY-IDLE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := replay(t, c.entries...)
			for _, a := range c.at {
				got, ok := h.Standing(a.index, a.size)
				if diff := cmp.Diff(a.want, got); diff != "" || !ok {
					t.Errorf("standing(%d, %d): -want +got\n%s", a.index, a.size, diff)
				}
			}
			var notes []string
			for _, n := range h.Notes() {
				notes = append(notes, n.Code)
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("notes: -want +got\n%s", diff)
			}
			for _, none := range [][2]int64{{99, 100}, {4, 4}, {-1, 9}} {
				if s, ok := h.Standing(none[0], none[1]); ok {
					t.Errorf("standing(%d, %d) = %+v", none[0], none[1], s)
				}
			}
		})
	}
}

// TestSparse: a bundle's history leaves gaps, and views look below an index.
func TestSparse(t *testing.T) {
	second := func(s *State) *Prepared {
		e, _ := s.Party("x:a")
		return prepared(t, with(partyBody(t, "x:a", 1, "a1", "a9"), func(p *statement.Party) { p.Version, p.Prev = 2, e.Leaf }), "r1", "r2", "a1", "a9")
	}
	h := NewHistory(origin)
	leaves := foundation(t)
	for i, index := range []int64{0, 1, 40} {
		if err := h.Apply(index, mustPrepare(t, leaves[i])); err != nil {
			t.Fatal(err)
		}
	}
	s := h.State()
	if err := h.Apply(900, byA(t, "1", plain)); err != nil {
		t.Fatal(err)
	}
	if err := h.Apply(1000, second(s)); err != nil {
		t.Fatal(err)
	}
	wantCode(t, h.Apply(1000, byA(t, "2", plain)), "STATE-INDEX-ORDER")
	wantCode(t, h.Apply(1001, byA(t, "2", plain)), "STATE-KEY-STANDING")

	if _, ok := s.PartyAt("x:a", 40); ok {
		t.Error("x:a stands at its own entry")
	}
	if e, ok := s.PartyAt("x:a", 1000); !ok || e.Party.Version != 1 {
		t.Error("version 1 does not stand at 1000")
	}
	if e, ok := s.PartyAt("x:a", 1001); !ok || e.Party.Version != 2 || e.Index != 1000 {
		t.Error("version 2 does not stand at 1001")
	}
	if a, ok := s.AdmissionAt(2); !ok || a.Index != 1 {
		t.Error("no admission at 2")
	}
	if _, ok := s.AdmissionAt(1); ok {
		t.Error("an admission at its own entry")
	}
	if diff := cmp.Diff([]int64{0, 1, 40, 1000}, s.Foundation("x:a", 1001)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{0, 1, 40}, s.Foundation("x:a", 1000)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{0, 1}, s.Foundation("x:nobody", 1000)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"x:a"}, s.Parties(41)); diff != "" {
		t.Error(diff)
	}
	if len(s.Parties(40)) != 0 {
		t.Error("a party at its own entry")
	}
	logKey, registrarKey := key(t, "log").Key().ID(), key(t, "r1").Key().ID()
	for _, c := range []struct {
		id, party string
		index     int64
		want      bool
	}{
		{logKey, statement.Log, 1, true},
		{logKey, statement.Log, 0, false},
		{logKey, statement.Registrar, 1, false},
		{registrarKey, statement.Registrar, 5, true},
		{registrarKey, "x:a", 1001, false},
		{key(t, "a2").Key().ID(), "x:a", 1000, true},
		{key(t, "a2").Key().ID(), "x:a", 1001, false},
		{key(t, "a9").Key().ID(), "x:a", 1000, false},
		{key(t, "a9").Key().ID(), "x:a", 1001, true},
		{key(t, "a9").Key().ID(), "x:nobody", 1001, false},
	} {
		if got := s.KeyStands(c.id, c.party, c.index); got != c.want {
			t.Errorf("key %.8s for %s at %d: %t", c.id, c.party, c.index, got)
		}
	}
	g, ok := s.Genesis()
	if !ok || g.Leaf != leafHash(leaves[0]) || len(g.Genesis.Checkpoint) != 2 {
		t.Errorf("genesis %+v", g)
	}
	if s.Advisories(1001) != (statement.Advisories{}) {
		t.Error("advisories out of nowhere")
	}
}
