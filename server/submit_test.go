package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/registry"
	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

const vendor = "x:hoshino-relay"

// evidence opens a bundle that must have a status that can be used.
func (r *running) evidence(t *testing.T, b *receiving.Bundle) *receiving.Evidence {
	t.Helper()
	ev, err := receiving.Open(b, r.trust(t))
	if err != nil {
		t.Fatal(err)
	}
	if ev.Status == nil {
		t.Fatalf("the status of entry %d cannot be used: %v", b.Statement.Index, ev.StatusError)
	}
	return ev
}

func indicesOf(b *receiving.Bundle) []int64 {
	var list []int64
	for _, e := range b.History {
		list = append(list, e.Index)
	}
	return list
}

func TestSubmitAndRead(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.ECDSAP256)
	if got := r.enrol(t, vendor, key); got != 2 {
		t.Fatalf("the first party is entry %d, want 2", got)
	}
	raw := newBOM(serialA, 1, "HR-87T")
	leaf := signBOM(t, bomBody(t, vendor, raw), key)

	first := r.submits(t, leaf, raw)
	if first.status != http.StatusCreated || first.header.Get("Location") != "/api/v1/entries/3/bundle" || first.header.Get("Content-Type") != typeBundle {
		t.Fatalf("submit = %d, %v", first.status, first.header)
	}
	b := r.opens(t, first.body)
	ev := r.evidence(t, b)
	if ev.Index != 3 || ev.Party != vendor || ev.Standing.Word != registry.Admitted || ev.Checkpoint.Size != 4 {
		t.Errorf("evidence = %+v", ev)
	}
	if !bytes.Equal(b.Statement.Leaf, leaf) {
		t.Error("the leaf is not what was signed")
	}
	if got, want := indicesOf(b), []int64{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("history = %v, want %v", got, want)
	}
	if got := ev.Status.Body.(*statement.Status).Entries; !slices.Equal(got, []int64{2, 3}) {
		t.Errorf("status names %v, want the party's entry and this one", got)
	}
	sum := sha256.Sum256(raw)
	if want := []receiving.Blob{{Digest: sum, Size: int64(len(raw)), MediaType: "application/vnd.cyclonedx+json; version=1.6"}}; !slices.Equal(b.Blobs, want) {
		t.Errorf("blobs = %v", b.Blobs)
	}

	before := r.stores(t)
	again := r.accepted(t, http.StatusOK, leaf, raw)
	if again.Statement.Index != 3 || r.Size() != 4 {
		t.Errorf("a duplicate is entry %d of %d", again.Statement.Index, r.Size())
	}
	if after := r.stores(t); !maps.Equal(before, after) {
		t.Error("a duplicate changed the stores")
	}
	if got := r.accepted(t, http.StatusOK, leaf, nil); got.Statement.Index != 3 {
		t.Errorf("a duplicate without its bytes is entry %d", got.Statement.Index)
	}

	hexed := hex.EncodeToString(sum[:])
	if got := r.find(t, hexed); !slices.Equal(got.Entries, []int64{3}) || got.Size != 4 || got.Log != testOrigin || got.SHA256 != hexed {
		t.Errorf("look-up = %+v", got)
	}
	if got := r.find(t, strings.Repeat("0a", 32)); got.Entries == nil || len(got.Entries) != 0 || got.Size != 4 {
		t.Errorf("look-up of nothing = %+v", got)
	}
	blob := r.get(t, "/blobs/sha256/"+hexed)
	if blob.status != http.StatusOK || !bytes.Equal(blob.body, raw) || blob.header.Get("Content-Type") != typeBytes || blob.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("blob = %d %v", blob.status, blob.header)
	}
	for index := range int64(4) {
		a := r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", index))
		if a.status != http.StatusOK {
			t.Errorf("bundle of entry %d = %d %s", index, a.status, a.body)
			continue
		}
		if got := r.opens(t, a.body); got.Statement.Index != index {
			t.Errorf("bundle of entry %d is that of %d", index, got.Statement.Index)
		}
	}
}

// find looks a digest up.
func (r *running) find(t *testing.T, digest string) found {
	t.Helper()
	a := r.get(t, "/api/v1/boms/sha256/"+digest)
	var f found
	if err := json.Unmarshal(a.body, &f); err != nil || a.status != http.StatusOK || f.Format != LookupFormat {
		t.Fatalf("look-up = %d %s", a.status, a.body)
	}
	return f
}

func TestHeldBytesGoToNobody(t *testing.T) {
	r := serve(t, newLedger(t))
	key, rival := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	r.enrol(t, "x:rival", rival)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	body.Disclosure = statement.DisclosureHeld
	b := r.accepted(t, http.StatusCreated, signBOM(t, body, key), raw)
	digest := body.Digest.Hex()

	refused(t, r.get(t, "/blobs/sha256/"+digest), http.StatusForbidden, "SERVER-BLOB-HELD")
	if got := r.find(t, digest); !slices.Equal(got.Entries, []int64{b.Statement.Index}) {
		t.Errorf("look-up of held bytes = %v", got.Entries)
	}

	// A stranger who knows the public digest and has not the bytes cannot open them.
	theirs := bomBody(t, "x:rival", raw)
	before := r.stores(t)
	refused(t, r.submits(t, signBOM(t, theirs, rival), nil), http.StatusUnprocessableEntity, "SERVER-BOM-ABSENT")
	if !maps.Equal(before, r.stores(t)) {
		t.Error("the refused statement changed the stores")
	}
	refused(t, r.get(t, "/blobs/sha256/"+digest), http.StatusForbidden, "SERVER-BLOB-HELD")

	// Whoever has the bytes gives nothing away that was secret.
	r.accepted(t, http.StatusCreated, signBOM(t, theirs, rival), raw)
	if got := r.get(t, "/blobs/sha256/"+digest); got.status != http.StatusOK || !bytes.Equal(got.body, raw) {
		t.Errorf("bytes with an open entry = %d", got.status)
	}
	if got := r.find(t, digest); len(got.Entries) != 2 {
		t.Errorf("look-up = %v, want both entries", got.Entries)
	}
}

func TestBundleHoldsWhatConcernsABOM(t *testing.T) {
	r := serve(t, newLedger(t))
	key, other := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)      // 2
	r.enrol(t, "x:other", other) // 3
	one := newBOM(serialA, 1, "HR-87T")
	first := bomBody(t, vendor, one)
	r.accepted(t, http.StatusCreated, signBOM(t, first, key), one) // 4
	two := newBOM(serialA, 1, "HR-87T under the same number")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, two), key), two) // 5, equivocates with 4
	three := newBOM(serialA, 2, "HR-87T")
	next := bomBody(t, vendor, three)
	next.Supersedes = &statement.Supersedes{Position: statement.Position{Log: testOrigin, Index: 4}, Reason: statement.ReasonCorrection}
	r.accepted(t, http.StatusCreated, signBOM(t, next, key), three) // 6
	theirs := bomBody(t, "x:other", newBOM("3e671687-395b-41f5-a30f-a58921a69b70", 1, "HR-87T"))
	theirs.Supersedes = next.Supersedes                                                                                       // without the right to
	r.accepted(t, http.StatusCreated, signBOM(t, theirs, other), newBOM("3e671687-395b-41f5-a30f-a58921a69b70", 1, "HR-87T")) // 7
	same := bomBody(t, "x:other", one)                                                                                        // nobody squats another's number
	r.accepted(t, http.StatusCreated, signBOM(t, same, other), one)                                                           // 8
	unrelated := newBOM("3e671687-395b-41f5-a30f-a58921a69b71", 1, "HR-88")
	r.accepted(t, http.StatusCreated, signBOM(t, bomBody(t, vendor, unrelated), key), unrelated) // 9

	for index, want := range map[int64]struct {
		history, status []int64
		word            registry.Word
	}{
		4: {[]int64{0, 1, 2, 5, 6}, []int64{2, 4, 5, 6}, registry.Equivocal},
		5: {[]int64{0, 1, 2, 4, 6}, []int64{2, 4, 5, 6}, registry.Equivocal},
		6: {[]int64{0, 1, 2}, []int64{2, 6}, registry.Admitted},
		7: {[]int64{0, 1, 3}, []int64{3, 7}, registry.Admitted},
		8: {[]int64{0, 1, 3}, []int64{3, 8}, registry.Admitted},
		9: {[]int64{0, 1, 2}, []int64{2, 9}, registry.Admitted},
	} {
		b := r.opens(t, r.get(t, fmt.Sprintf("/api/v1/entries/%d/bundle", index)).body)
		ev := r.evidence(t, b)
		if got := indicesOf(b); !slices.Equal(got, want.history) {
			t.Errorf("history of entry %d = %v, want %v", index, got, want.history)
		}
		if got := ev.Status.Body.(*statement.Status).Entries; !slices.Equal(got, want.status) {
			t.Errorf("status of entry %d names %v, want %v", index, got, want.status)
		}
		if ev.Standing.Word != want.word {
			t.Errorf("standing of entry %d = %s, want %s", index, ev.Standing.Word, want.word)
		}
	}
}

// highS writes an ECDSA leaf as half of all signers would: S above the half of
// the order, white space, members in another order.
func highS(t *testing.T, leaf []byte) []byte {
	t.Helper()
	var e struct {
		PayloadType, Payload string
		Signatures           []struct{ KeyID, Sig string }
	}
	if err := json.Unmarshal(leaf, &e); err != nil {
		t.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	if err != nil {
		t.Fatal(err)
	}
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		t.Fatal(err)
	}
	order, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	sig.S.Sub(order, sig.S)
	if der, err = asn1.Marshal(sig); err != nil {
		t.Fatal(err)
	}
	return fmt.Appendf(nil, "{\n \"signatures\": [{\"sig\": %q, \"keyid\": %q}],\n \"payload\": %q, \"payloadType\": %q}\n",
		base64.StdEncoding.EncodeToString(der), e.Signatures[0].KeyID, e.Payload, e.PayloadType)
}

func TestIntakeNormalises(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.ECDSAP256)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	leaf := signBOM(t, bomBody(t, vendor, raw), key)
	b := r.accepted(t, http.StatusCreated, highS(t, leaf), raw)
	if !bytes.Equal(b.Statement.Leaf, leaf) {
		t.Errorf("leaf = %s, want the normal form %s", b.Statement.Leaf, leaf)
	}
	if got := r.accepted(t, http.StatusOK, leaf, raw); got.Statement.Index != b.Statement.Index {
		t.Errorf("the normal form is another entry, %d", got.Statement.Index)
	}
	// Another signature by the same key over the same payload is the same statement.
	if got := r.accepted(t, http.StatusOK, signBOM(t, bomBody(t, vendor, raw), key), raw); got.Statement.Index != b.Statement.Index {
		t.Errorf("a second signature is another entry, %d", got.Statement.Index)
	}
	if r.Size() != 4 {
		t.Errorf("size = %d, want 4", r.Size())
	}
}

// edit changes the payload of a leaf before it is signed anew.
func edit(t *testing.T, leaf []byte, old, now string, signer *envelope.Signer) []byte {
	t.Helper()
	e, err := envelope.ParseLeaf(leaf)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(e.Payload(), []byte(old)) {
		t.Fatalf("no %q in %s", old, e.Payload())
	}
	return seals(t, bytes.Replace(e.Payload(), []byte(old), []byte(now), 1), nil, signer)
}

func TestRefusedWritesChangeNothing(t *testing.T) {
	r := serve(t, newLedger(t))
	key, other, stranger := newKey(t, envelope.Ed25519), newKey(t, envelope.ECDSAP256), newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	r.enrol(t, "x:other", other)
	operator := newKey(t, envelope.Ed25519)
	{
		p := partyBody("x:operator", operator)
		p.Roles = []string{statement.RoleOperator}
		payload, err := statement.NewParty(p)
		r.accepted(t, http.StatusCreated, seals(t, payload, err, r.registrarKey(t), operator), nil)
	}
	registrar := r.registrarKey(t)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	leaf := signBOM(t, body, key)
	// describe signs what the bytes claim to be, admissible or not.
	describe := func(b []byte) []byte {
		said := body
		said.Digest, said.Size = sha256.Sum256(b), int64(len(b))
		return signBOM(t, said, key)
	}
	with := func(change func(*statement.BOM)) []byte {
		said := body
		change(&said)
		return signBOM(t, said, key)
	}
	party := func(change func(*statement.Party), signers ...*envelope.Signer) []byte {
		p := partyBody("x:new", stranger)
		change(&p)
		payload, err := statement.NewParty(p)
		return seals(t, payload, err, signers...)
	}
	nothing := func(*statement.Party) {}
	changed := bytes.Replace(raw, []byte("HR-87T"), []byte("HR-87X"), 1)
	notJSON := []byte("relay, board, chip\n")
	truncated := raw[:len(raw)/2]
	deep := []byte(strings.Repeat(`{"a":`, 10000) + "1" + strings.Repeat("}", 10000))
	doubled := bytes.Replace(raw, []byte(`"version": 1,`), []byte(`"version": 1, "version": 2,`), 1)
	two := bytes.Replace(raw, []byte(`"specVersion": "1.6"`), []byte(`"specVersion": "2.0"`), 1)
	invalid := bytes.Replace(raw, []byte(`"type": "device", "bom-ref": "board"`), []byte(`"type": "gadget", "bom-ref": "board"`), 1)
	huge := bytes.Repeat([]byte(" "), 32<<20+1)

	before, size := r.stores(t), r.Size()
	for name, c := range map[string]struct {
		leaf, raw []byte
		status    int
		code      string
	}{
		"unsigned":             {[]byte(`{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}`), raw, 422, "ENVELOPE-SIGNATURE-ABSENT"},
		"no envelope":          {[]byte("hello"), raw, 422, "ENVELOPE-JSON-INVALID"},
		"empty statement":      {[]byte{}, raw, 422, "ENVELOPE-JSON-INVALID"},
		"another payload type": {bytes.Replace(leaf, []byte("vnd.in-toto+json"), []byte("vnd.other+json"), 1), raw, 422, "ENVELOPE-TYPE-UNKNOWN"},
		"a stranger's key":     {signBOM(t, body, stranger), raw, 403, "ENVELOPE-KEY-UNKNOWN"},
		"another party's key":  {signBOM(t, body, other), raw, 403, "ENVELOPE-KEY-UNKNOWN"},
		"a false signature":    {graft(t, leaf, with(func(b *statement.BOM) { b.Note = "another" })), raw, 403, "ENVELOPE-SIGNATURE-INVALID"},
		"an unknown party":     {signBOM(t, bomBody(t, "x:nobody", raw), key), raw, 403, "STATE-PARTY-UNKNOWN"},
		"no vendor":            {signBOM(t, bomBody(t, "x:operator", raw), operator), raw, 403, "STATE-ROLE-MISSING"},
		"another log":          {with(func(b *statement.BOM) { b.Log = "ledger.example/other" }), raw, 422, "STATE-LOG-OTHER"},
		"a kind not built":     {edit(t, leaf, "/bom/v1", "/shipment/v1", key), nil, 422, "STATEMENT-KIND-NEWER"},
		"a foreign type":       {edit(t, leaf, "https://github.com/yurai-ledger/yurai/bom/v1", "https://slsa.dev/provenance/v1", key), nil, 422, "STATEMENT-TYPE-FOREIGN"},
		"an unknown member":    {edit(t, leaf, `"predicate":{`, `"predicate":{"extra":1,`, key), raw, 422, "STATEMENT-MEMBER-UNKNOWN"},
		"a later position": {with(func(b *statement.BOM) {
			b.Supersedes = &statement.Supersedes{Position: statement.Position{Log: testOrigin, Index: 99}, Reason: statement.ReasonRevision}
		}), raw, 422, "STATE-POSITION-INDEX"},

		"other bytes":     {leaf, changed, 422, "STATEMENT-BOM-MISMATCH"},
		"no bytes":        {leaf, nil, 422, "SERVER-BOM-ABSENT"},
		"another serial":  {with(func(b *statement.BOM) { b.SerialNumber = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b70" }), raw, 422, "STATEMENT-BOM-MISMATCH"},
		"another version": {with(func(b *statement.BOM) { b.Version = 7 }), raw, 422, "STATEMENT-BOM-MISMATCH"},
		"another product": {with(func(b *statement.BOM) { b.Product = &statement.Product{Name: "HR-88"} }), raw, 422, "STATEMENT-BOM-MISMATCH"},
		"another size":    {with(func(b *statement.BOM) { b.Size++ }), raw, 422, "STATEMENT-BOM-MISMATCH"},
		"an older spec": {with(func(b *statement.BOM) {
			b.SpecVersion, b.MediaType = "1.5", "application/vnd.cyclonedx+json; version=1.5"
		}), raw, 422, "STATEMENT-BOM-MISMATCH"},
		"a spec not admitted": {with(func(b *statement.BOM) {
			b.SpecVersion, b.MediaType = "2.0", "application/vnd.cyclonedx+json; version=2.0"
		}), raw, 422, "STATE-SPEC-CLOSED"},
		"not JSON":             {describe(notJSON), notJSON, 422, "BOM-JSON-SYNTAX"},
		"truncated":            {describe(truncated), truncated, 422, "BOM-JSON-TRUNCATED"},
		"10,000 levels":        {describe(deep), deep, 422, "BOM-DEPTH-LIMIT"},
		"a duplicate member":   {describe(doubled), doubled, 422, "BOM-MEMBER-DUPLICATE"},
		"version 2.0":          {describe(two), two, 422, ""},
		"against the schema":   {describe(invalid), invalid, 422, ""},
		"too many bytes":       {leaf, huge, 413, "SERVER-BODY-LARGE"},
		"too many bytes said":  {with(func(b *statement.BOM) { b.Size = 1 << 40 }), nil, 413, "STATE-BOM-LIMIT"},
		"a statement too long": {bytes.Repeat([]byte(" "), maxStatement+1), nil, 413, "SERVER-BODY-LARGE"},

		"a party with bytes":     {party(nothing, registrar, stranger), raw, 422, "SERVER-BOM-SURPLUS"},
		"no possession":          {party(nothing, registrar), nil, 403, "STATE-POSSESSION-MISSING"},
		"no registrar":           {party(nothing, stranger), nil, 403, "STATE-THRESHOLD-SHORT"},
		"one key, two parties":   {party(func(p *statement.Party) { p.KeySet = statement.NewKeySet(1, key.Key()) }, registrar, key), nil, 403, "STATE-KEY-TAKEN"},
		"an office's key":        {party(func(p *statement.Party) { p.KeySet = statement.NewKeySet(1, registrar.Key()) }, registrar), nil, 403, "STATE-KEY-TAKEN"},
		"an enrolled party anew": {party(func(p *statement.Party) { p.ID = vendor }, registrar, stranger), nil, 409, "STATE-PREV-STALE"},
		"a party of another log": {party(func(p *statement.Party) { p.Log = "ledger.example/other" }, registrar, stranger), nil, 422, "STATE-LOG-OTHER"},
		"a second genesis":       {r.genesisOf(t, registrar), nil, 422, "STATE-GENESIS-SECOND"},
		"a status":               {r.statusOf(t), nil, 422, "STATE-KIND-NEVER"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.submits(t, c.leaf, c.raw)
			if c.code == "" {
				c.code = codeOf(t, a)
				if !strings.HasPrefix(c.code, "BOM-") {
					t.Errorf("code = %s, want one of admission", c.code)
				}
			}
			refused(t, a, c.status, c.code)
			if after := r.stores(t); !maps.Equal(before, after) || r.Size() != size {
				t.Errorf("the refused write changed the stores")
			}
		})
	}
}

// graft puts the payload of one leaf under the signatures of another.
func graft(t *testing.T, payload, signatures []byte) []byte {
	t.Helper()
	const mark = `","signatures":`
	head, _, ok := bytes.Cut(payload, []byte(mark))
	_, tail, found := bytes.Cut(signatures, []byte(mark))
	if !ok || !found {
		t.Fatal("no leaf form")
	}
	return slices.Concat(head, []byte(mark), tail)
}

func codeOf(t *testing.T, a answer) string {
	t.Helper()
	var d struct{ Code string }
	if err := json.Unmarshal(a.body, &d); err != nil {
		t.Fatalf("answer %d is no problem document: %s", a.status, a.body)
	}
	return d.Code
}

// genesisOf is another genesis of the same log.
func (r *running) genesisOf(t *testing.T, registrar *envelope.Signer) []byte {
	t.Helper()
	st, err := readStatement(r.genesis)
	if err != nil {
		t.Fatal(err)
	}
	g := *st.Body.(*statement.Genesis)
	g.Note = "once more"
	payload, err := statement.NewGenesis(g)
	return seals(t, payload, err, registrar)
}

// statusOf is a status, rightly signed by the log.
func (r *running) statusOf(t *testing.T) []byte {
	t.Helper()
	leaf, err := r.status(t.Context(), r.sequence.Head(), vendor, statement.Digest{1}, []int64{2})
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestConcurrentSubmissionsGetOneIndex(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.ECDSAP256)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	const n = 24
	answers := make([]answer, n)
	leaves := make([][]byte, n)
	for i := range leaves {
		leaves[i] = signBOM(t, body, key) // each with another signature
	}
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = r.submits(t, leaves[i], raw) })
	}
	all.Wait()
	created := 0
	for _, a := range answers {
		if a.status != http.StatusCreated && a.status != http.StatusOK {
			t.Fatalf("submit = %d %s", a.status, a.body)
		}
		if a.status == http.StatusCreated {
			created++
		}
		if b := r.opens(t, a.body); b.Statement.Index != 3 {
			t.Errorf("index = %d, want 3", b.Statement.Index)
		}
	}
	if created != 1 || r.Size() != 4 {
		t.Errorf("%d of %d were created, the log has %d entries", created, n, r.Size())
	}
}

func TestRestartKeepsEverything(t *testing.T) {
	dir := newLedger(t)
	r := serve(t, dir)
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	leaf := signBOM(t, body, key)
	r.accepted(t, http.StatusCreated, leaf, raw)
	root := r.sequence.Head()
	r.end(t)

	for _, c := range []struct {
		name string
		harm func()
	}{
		{"as it was", func() {}},
		{"index deleted", func() { remove(t, filepath.Join(dir, indexName)) }},
		{"index of garbage", func() { spoil(t, filepath.Join(dir, indexName)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.harm()
			r := serve(t, dir)
			if got := r.sequence.Head(); got != root {
				t.Errorf("head = %v, want %v", got, root)
			}
			if got := r.find(t, body.Digest.Hex()); !slices.Equal(got.Entries, []int64{3}) {
				t.Errorf("look-up = %v", got.Entries)
			}
			if b := r.accepted(t, http.StatusOK, leaf, raw); b.Statement.Index != 3 {
				t.Errorf("the statement is entry %d now", b.Statement.Index)
			}
			if got := r.get(t, "/blobs/sha256/"+body.Digest.Hex()); !bytes.Equal(got.body, raw) {
				t.Errorf("blob = %d", got.status)
			}
			r.end(t)
		})
	}
}

// spoil overwrites every file below a folder.
func spoil(t *testing.T, dir string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		return os.WriteFile(path, []byte("garbage"), 0o600)
	})
	if err != nil || n == 0 {
		t.Fatalf("spoiled %d files: %v", n, err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestLostBytesAreNoAbsence(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	body := bomBody(t, vendor, raw)
	leaf := signBOM(t, body, key)
	r.accepted(t, http.StatusCreated, leaf, raw)
	refused(t, r.get(t, "/blobs/sha256/"+strings.Repeat("0a", 32)), http.StatusNotFound, "SERVER-BLOB-ABSENT")

	files, err := filepath.Glob(filepath.Join(r.dir, blobsName, "sha256", "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("blobs = %v, %v", files, err)
	}
	remove(t, files[0])
	refused(t, r.get(t, "/blobs/sha256/"+body.Digest.Hex()), http.StatusInternalServerError, "STORE-BLOB-LOST")
	b := r.opens(t, r.get(t, "/api/v1/entries/3/bundle").body)
	if ev := r.evidence(t, b); ev.Standing.Word != registry.Admitted {
		t.Errorf("standing without bytes = %s", ev.Standing.Word)
	}

	// What stands in for bytes that did not come must be there; who sends them
	// again mends the loss.
	refused(t, r.submits(t, leaf, nil), http.StatusUnprocessableEntity, "SERVER-BOM-ABSENT")
	r.accepted(t, http.StatusOK, leaf, raw)
	if got := r.get(t, "/blobs/sha256/"+body.Digest.Hex()); got.status != http.StatusOK || !bytes.Equal(got.body, raw) {
		t.Errorf("bytes sent again = %d", got.status)
	}
}

// TestIndexAgreesWithTheLog lets the index follow, and then compares its
// answers with those of the log alone.
func TestIndexAgreesWithTheLog(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	var digests []statement.Digest
	for i := range 20 {
		raw := newBOM(serialA, i/2+1, fmt.Sprintf("HR-%d", i))
		body := bomBody(t, vendor, raw)
		r.accepted(t, http.StatusCreated, signBOM(t, body, key), raw)
		digests = append(digests, body.Digest)
	}
	// What the index has not applied is read from the log, so wait for it.
	r.awaitIndex(t, r.Size())
	for _, d := range append(digests, statement.Digest{9}) {
		k := r.lookups.at(r.Size())
		fast, err := k.find(t.Context(), termDigest(d))
		if err != nil {
			t.Fatal(err)
		}
		if len(k.seen) != len(fast) {
			t.Errorf("the index led to %d entries for %d", len(k.seen), len(fast))
		}
		want := 0
		for at := range r.Size() {
			e, err := r.lookups.read(at)
			if err != nil {
				t.Fatal(err)
			}
			if e.said != nil && e.said.Digest == d {
				want++
			}
		}
		if len(fast) != want {
			t.Errorf("the index finds %d entries of %s, the log has %d", len(fast), d, want)
		}
	}
}

// TestTheGuardHasTheLastWord offers two statements that were both judged before
// either was recorded: of two with one prev the first wins.
func TestTheGuardHasTheLastWord(t *testing.T) {
	r := serve(t, newLedger(t))
	one, two := newKey(t, envelope.Ed25519), newKey(t, envelope.Ed25519)
	offer := func(id string, key *envelope.Signer) sequencer.Entry {
		payload, err := statement.NewParty(partyBody(id, key))
		e, err := r.judge(t.Context(), form{statement: seals(t, payload, err, r.registrarKey(t), key)})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first, second, third := offer(vendor, one), offer(vendor, two), offer("x:other", one)
	if got, err := r.sequence.Add(t.Context(), first); err != nil || got.Index != 2 {
		t.Fatalf("Add = %+v, %v", got, err)
	}
	before := r.stores(t)
	_, err := r.sequence.Add(t.Context(), second)
	wantCode(t, "a second first statement on a party", err, "STATE-PREV-STALE")
	_, err = r.sequence.Add(t.Context(), third)
	wantCode(t, "one key for two parties", err, "STATE-KEY-TAKEN")
	if !maps.Equal(before, r.stores(t)) || r.Size() != 3 {
		t.Error("what the guard refused changed the stores")
	}
}

func TestARefusalNamesThePlace(t *testing.T) {
	r := serve(t, newLedger(t))
	key := newKey(t, envelope.Ed25519)
	r.enrol(t, vendor, key)
	raw := newBOM(serialA, 1, "HR-87T")
	said := bomBody(t, vendor, raw)
	raw = bytes.Replace(raw, []byte(`"type": "device", "bom-ref": "board"`), []byte(`"type": "gadget", "bom-ref": "board"`), 1)
	said.Digest, said.Size = sha256.Sum256(raw), int64(len(raw))
	d, err := problem.Parse(r.submits(t, signBOM(t, said, key), raw).body)
	if err != nil || d.Pointer != "/components/0/type" || d.Line != 8 || strings.Contains(d.Detail, "line") {
		t.Errorf("problem = %+v, %v", d, err)
	}
	// Members as long as a statement takes still make a problem that can be read.
	said = bomBody(t, vendor, newBOM(serialA, 1, strings.Repeat("<", 4096)))
	raw = newBOM(serialA, 1, strings.Repeat(">", 4096))
	said.Digest, said.Size = sha256.Sum256(raw), int64(len(raw))
	refused(t, r.submits(t, signBOM(t, said, key), raw), http.StatusUnprocessableEntity, "STATEMENT-BOM-MISMATCH")
}

// awaitIndex waits until the index has applied size entries.
func (r *running) awaitIndex(t *testing.T, size int64) {
	t.Helper()
	for turns := 0; r.lookups.applied() < size; turns++ {
		if turns == maxTurns {
			t.Fatalf("after %d turns the index has %d of %d entries", turns, r.lookups.applied(), size)
		}
		r.get(t, "/readyz") // gives way; the index has its own pace
	}
}

func TestBeginSurvivesAKillBetweenItsTwoEntries(t *testing.T) {
	dir := newLedger(t)
	s, err := Open(t.Context(), dir, Options{Clock: clockAt(noon)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.sequence.Run(ctx) })
	entry, err := s.reopen(0, s.genesis)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sequence.Add(ctx, entry); err != nil {
		t.Fatal(err)
	}
	stop()
	running.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := serve(t, dir)
	if r.Size() != 2 {
		t.Errorf("size = %d, want 2", r.Size())
	}
	leaf, err := r.sequence.Leaf(1)
	if err != nil || !bytes.Equal(leaf, r.admission) {
		t.Errorf("entry 1 is not the admission: %v", err)
	}
}

func TestEmptyCheckpointIsPublishedFirst(t *testing.T) {
	s, err := Open(t.Context(), newLedger(t), Options{Clock: clockAt(noon)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := ledger.OpenCheckpoint(s.sequence.Checkpoint(), testOrigin, s.verifier)
	if err != nil || c.Size != 0 || c.Root != ledger.EmptyRoot {
		t.Errorf("first checkpoint = %+v, %v", c, err)
	}
}
