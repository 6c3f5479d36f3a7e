package ledger_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
)

// witnessLines defines the witnesses w0 to wN-1, every third with an ML-DSA-44 key,
// and returns the keys too.
func witnessLines(t testing.TB, n int) (string, []*ledger.Verifier) {
	t.Helper()
	var text strings.Builder
	var list []*ledger.Verifier
	for i := range n {
		a := ledger.CosignatureV1
		if i%3 == 2 {
			a = ledger.MLDSA44
		}
		_, v := cosigner(t, a, fmt.Sprintf("witness.example/w%d", i), byte(100+i))
		fmt.Fprintf(&text, "witness w%d %s\n", i, v)
		list = append(list, v)
	}
	return text.String(), list
}

// cosignedBy returns cosignatures of the given witnesses; who signed is all that a
// policy looks at.
func cosignedBy(list []*ledger.Verifier, which ...int) []ledger.Cosignature {
	var out []ledger.Cosignature
	for _, i := range which {
		out = append(out, ledger.Cosignature{Verifier: list[i]})
	}
	return out
}

func TestWitnessPolicy(t *testing.T) {
	three, list := witnessLines(t, 6)
	_, stranger := cosigner(t, ledger.CosignatureV1, "witness.example/w0", 99)
	for _, x := range []struct {
		name, rules string
		yes, no     [][]int
	}{
		{"none", "quorum none\n", [][]int{{}, {0}}, nil},
		{"one witness", "quorum w1\n", [][]int{{1}, {0, 1}}, [][]int{{}, {0}, {0, 2, 3, 4, 5}}},
		{"any", "group g any w0 w1 w2\nquorum g\n", [][]int{{0}, {1}, {2}, {2, 5}}, [][]int{{}, {3}, {3, 4, 5}}},
		{"all", "group g all w0 w1 w2\nquorum g\n", [][]int{{0, 1, 2}, {2, 1, 0, 5}}, [][]int{{}, {0, 1}, {0, 0, 1, 1}, {0, 1, 3, 4, 5}}},
		{"two of three", "group g 2 w0 w1 w2\nquorum g\n", [][]int{{0, 1}, {1, 2}, {0, 1, 2}}, [][]int{{}, {0}, {2}, {2, 2, 2}, {0, 3, 4, 5}}},
		{"one of one", "group g 1 w0\nquorum g\n", [][]int{{0}}, [][]int{{}, {1}}},
		{"groups in a group", "group x 2 w0 w1 w2\ngroup y any w3 w4 w5\ngroup xy all x y\nquorum xy\n", [][]int{{0, 1, 3}, {0, 2, 5}, {0, 1, 2, 3, 4, 5}}, [][]int{{0, 1, 2}, {3, 4, 5}, {0, 3}, {0, 3, 4, 5}}},
		{"three deep", "group a any w0\ngroup b all a w1\ngroup c 1 b w2\nquorum c\n", [][]int{{0, 1}, {2}}, [][]int{{0}, {1}, {3}}},
		{"a group that the quorum leaves out", "group a any w0 w1\ngroup b any w2 w3\nquorum b\n", [][]int{{2}}, [][]int{{0, 1}}},
		{"a witness outside the groups", "group a any w0 w1\nquorum w5\n", [][]int{{5}}, [][]int{{0, 1}}},
		{"the quorum before other witnesses", "quorum w5\ngroup a any w0 w1\n", [][]int{{5}}, [][]int{{0, 1}}},
		{"blanks and comments", "\n \t\n# group g all w0\n\t #\n \tgroup\tg  1   w0\t \n  quorum\tg  \n", [][]int{{0}}, [][]int{{1}}},
		{"names that are words", "group all all w0 w1\ngroup any 1 all w2\ngroup 2 any any\nquorum 2\n", [][]int{{2}, {0, 1}}, [][]int{{0}}},
		{"names with a hash or without letters", "group #g any w0\ngroup \u212a any w1\ngroup \xff any w2\nquorum \xff\n", [][]int{{2}}, [][]int{{0, 1}}},
	} {
		p, err := ledger.ParseWitnessPolicy(three + x.rules)
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		if p.String() != three+x.rules || len(p.Witnesses()) != 6 || p.Demanded() != (p.Quorum() != "none") {
			t.Errorf("%s: read as %s", x.name, p)
		}
		for _, who := range x.yes {
			if !p.Satisfied(cosignedBy(list, who...)) {
				t.Errorf("%s: %v do not reach the quorum", x.name, who)
			}
		}
		for _, who := range x.no {
			if p.Satisfied(append(cosignedBy(list, who...), ledger.Cosignature{Verifier: stranger})) {
				t.Errorf("%s: %v reach the quorum", x.name, who)
			}
		}
	}
	var none *ledger.WitnessPolicy
	if none.Demanded() || !none.Satisfied(nil) || none.Quorum() != "none" || none.Witnesses() != nil || none.Verifiers() != nil || none.Groups() != nil {
		t.Error("no policy demands something")
	}
	if p := policyOf(t, "quorum none\n"); p.Demanded() || !p.Satisfied(nil) {
		t.Error("quorum none demands something")
	}
	url := policyOf(t, strings.Replace(three, "\n", " https://witness.example/\u65e5\u672c\n", 1)+"quorum w0\n")
	if got := url.Witnesses()[0].URL; got != "https://witness.example/\u65e5\u672c" || url.Witnesses()[1].URL != "" {
		t.Errorf("read URL %q", got)
	}
}

func TestWitnessPolicyRefuses(t *testing.T) {
	three, list := witnessLines(t, 3)
	_, logs := keys(t, origin)
	lines := strings.SplitAfter(three, "\n")
	_, renamed := cosigner(t, ledger.CosignatureV1, "witness.example/other", 100) // w0's key
	for name, text := range map[string]string{
		"empty":                          "",
		"a comment alone":                "# nothing\n",
		"no quorum":                      three,
		"two quorums":                    three + "quorum w0\nquorum w0\n",
		"none and a quorum":              three + "quorum none\nquorum w0\n",
		"a quorum without a name":        three + "quorum\n",
		"a quorum of two names":          three + "quorum w0 w1\n",
		"a quorum with a comment behind": three + "quorum w0 # w0\n",
		"an undefined quorum":            three + "quorum w3\n",
		"a quorum above its definition":  "quorum w0\n" + three,
		"a quorum in capitals":           three + "quorum NONE\n",
		"no final line feed":             three + "quorum w0",
		"carriage returns":               strings.ReplaceAll(three+"quorum w0\n", "\n", "\r\n"),
		"a carriage return in a comment": three + "#\r\nquorum w0\n",
		"NUL":                            three + "quorum w0\n#\x00\n",
		"a form feed":                    three + "\fquorum w0\n",
		"DEL":                            three + "quorum w0\n# \x7f\n",
		"an unknown word":                three + "quorum w0\nroster w0\n",
		"a word in capitals":             three + "Quorum w0\n",
		"a log":                          "log " + logs[0].String() + "\n" + three + "quorum w0\n",
		"a byte order mark":              "\ufeff" + three + "quorum w0\n",
		"a no-break space":               three + "quorum\u00a0w0\n",

		"a witness without a key":     three + "witness w3\nquorum w0\n",
		"a witness of four words":     strings.Replace(three, "\n", " https://w.example/ x\n", 1) + "quorum w0\n",
		"a comment behind a witness":  strings.Replace(three, "\n", " #x\n", 1) + "quorum w0\n",
		"a URL without a scheme":      strings.Replace(three, "\n", " witness.example/\n", 1) + "quorum w0\n",
		"a URL of a file":             strings.Replace(three, "\n", " file:///etc\n", 1) + "quorum w0\n",
		"a URL without a host":        strings.Replace(three, "\n", " https:///x\n", 1) + "quorum w0\n",
		"a URL with a password":       strings.Replace(three, "\n", " https://a:b@w.example/\n", 1) + "quorum w0\n",
		"a URL with a query":          strings.Replace(three, "\n", " https://w.example/?a\n", 1) + "quorum w0\n",
		"a URL with a fragment":       strings.Replace(three, "\n", " https://w.example/#a\n", 1) + "quorum w0\n",
		"one name for two witnesses":  lines[0] + strings.Replace(lines[1], "w1", "w0", 1) + "quorum w0\n",
		"one witness twice":           lines[0] + lines[0] + "quorum w0\n",
		"one key under two names":     lines[0] + strings.Replace(lines[0], "w0", "x", 1) + "quorum w0\n",
		"one key under two key names": lines[0] + "witness x " + renamed.String() + "\nquorum w0\n",
		"an ML-DSA-44 key twice":      three + strings.Replace(lines[2], "w2", "x", 1) + "quorum w0\n",
		"the name none":               strings.Replace(lines[0], "w0", "none", 1) + "quorum none\n",
		"a log's Ed25519 key":         "witness w " + logs[0].String() + "\nquorum w\n",
		"a vkey of type 2":            "witness w " + vkey("w.example", 2, make([]byte, 32)) + "\nquorum w\n",
		"a vkey of type 4, long":      "witness w " + vkey("w.example", 4, make([]byte, 33)) + "\nquorum w\n",
		"a vkey of type 6, short":     "witness w " + vkey("w.example", 6, make([]byte, 1311)) + "\nquorum w\n",
		"a vkey with another id":      strings.Replace(lines[0], "+", "+0", 1) + "quorum w0\n",
		"a vkey cut short":            "witness w " + list[0].String()[:60] + "\nquorum w\n",

		"a group without members":            three + "group g any\nquorum w0\n",
		"a group without a threshold":        three + "group g\nquorum w0\n",
		"threshold 0":                        three + "group g 0 w0 w1\nquorum g\n",
		"a threshold above the members":      three + "group g 3 w0 w1\nquorum g\n",
		"a negative threshold":               three + "group g -1 w0 w1\nquorum g\n",
		"a threshold with a plus":            three + "group g +1 w0 w1\nquorum g\n",
		"a threshold with a zero before":     three + "group g 01 w0 w1\nquorum g\n",
		"a hexadecimal threshold":            three + "group g 0x1 w0 w1\nquorum g\n",
		"a threshold without end":            three + "group g 18446744073709551617 w0 w1\nquorum g\n",
		"a threshold in words":               three + "group g most w0 w1\nquorum g\n",
		"a threshold in full width":          three + "group g \uff11 w0 w1\nquorum g\n",
		"members and no threshold":           three + "group g w0 w1\nquorum g\n",
		"a group that names itself":          three + "group g any w0 g\nquorum g\n",
		"a group that names a later one":     three + "group g any w0 h\ngroup h any w1\nquorum g\n",
		"two groups that name each other":    three + "group g any h\ngroup h any g\nquorum g\n",
		"a member that nothing defines":      three + "group g any w0 w3\nquorum g\n",
		"none as a member":                   three + "group g any w0 none\nquorum g\n",
		"a member twice in a group":          three + "group g 2 w0 w0\nquorum g\n",
		"a member of two groups":             three + "group g any w0\ngroup h any w0 w1\nquorum h\n",
		"a group in two groups":              three + "group g any w0\ngroup h any g w1\ngroup i any g w2\nquorum i\n",
		"a group with a witness's name":      three + "group w0 any w1\nquorum w0\n",
		"a witness with a group's name":      lines[0] + "group w1 any w0\n" + lines[1] + "quorum w1\n",
		"two groups of one name":             three + "group g any w0\ngroup g any w1\nquorum g\n",
		"a group of the name none":           three + "group none any w0\nquorum none\n",
		"a comment behind a group":           three + "group g all w0 w1 # both\nquorum g\n",
		"a group above its witnesses":        "group g any w0\n" + three + "quorum g\n",
		"more bytes than a policy may have":  three + "quorum w0\n" + strings.Repeat("# comment\n", 20000),
		"one line over all bounds":           "quorum " + strings.Repeat("w", 1<<20) + "\n",
		"a name that another spelling is of": three + "group g any \u212a\nquorum g\n",
	} {
		if p, err := ledger.ParseWitnessPolicy(text); code(err) != "TRUST-WITNESS-MALFORMED" || p != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// At least 32 witnesses and 32 groups are read, as the specification asks, and a
// checkpoint that all of the most there can be have cosigned.
func TestWitnessPolicyLimits(t *testing.T) {
	var text bytes.Buffer
	var members []string
	var signers []*ledger.Signer
	for i := range ledger.MaxWitnesses {
		s, v := cosigner(t, ledger.MLDSA44, fmt.Sprintf("%s/%d", strings.Repeat("w", 190), i), byte(50+i))
		fmt.Fprintf(&text, "witness %d %s https://witness.example/%d/\n", i, v, i)
		members = append(members, fmt.Sprint(i))
		signers = append(signers, s)
	}
	full := text.String()
	for i := range ledger.MaxWitnesses - 1 {
		fmt.Fprintf(&text, "group g%d any %d\n", i, i)
		members[i] = fmt.Sprintf("g%d", i)
	}
	fmt.Fprintf(&text, "group g all %s\nquorum g\n", strings.Join(members, " "))
	p := policyOf(t, text.String())
	if len(p.Groups()) != 64 || len(p.Witnesses()) != 64 {
		t.Fatalf("%d groups, %d witnesses", len(p.Groups()), len(p.Witnesses()))
	}
	_, more := cosigner(t, ledger.CosignatureV1, "witness.example/65", 1)
	if _, err := ledger.ParseWitnessPolicy(full + "witness x " + more.String() + "\nquorum x\n"); code(err) != "TRUST-WITNESS-MALFORMED" {
		t.Errorf("a witness too many: %v", err)
	}
	if _, err := ledger.ParseWitnessPolicy(text.String() + "group h any g\n"); code(err) != "TRUST-WITNESS-MALFORMED" {
		t.Errorf("a group too many: %v", err)
	}
	_, logs := keys(t, origin)
	note := signed(t, watched)
	for i, s := range signers {
		if i == len(signers)-1 {
			if _, _, err := ledger.OpenCosigned(note, origin, logs, p); code(err) != "LOG-QUORUM-UNMET" {
				t.Errorf("all but one: %v", err)
			}
		}
		note = append(note, cosign(t, s, watched, at)...)
	}
	if _, got, err := ledger.OpenCosigned(note, origin, logs, p); err != nil || len(got) != 64 {
		t.Errorf("%d cosignatures in %d bytes: %v", len(got), len(note), err)
	}
	trust := &ledger.Trust{Version: 1, Expires: at, Witnesses: p, Logs: []ledger.TrustedLog{{Origin: origin, Genesis: watched.Root, Keys: logs}}}
	raw, err := trust.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ledger.ParseTrust(raw); err != nil || again.Witnesses.String() != p.String() {
		t.Errorf("in a trust file of %d bytes: %v", len(raw), err)
	}
}

// reached is the meaning of a quorum by the words of the specification, the plainest
// way: a group is witnessed if at least k of its members are.
func reached(p *ledger.WitnessPolicy, name string, cosigned map[string]bool) bool {
	if name == "none" {
		return true
	}
	for _, g := range p.Groups() {
		if g.Name != name {
			continue
		}
		n := 0
		for _, m := range g.Members {
			if reached(p, m, cosigned) {
				n++
			}
		}
		return n >= g.K
	}
	return cosigned[name]
}

// canonical writes a policy anew from what was read of it.
func canonical(p *ledger.WitnessPolicy) string {
	var b strings.Builder
	for _, w := range p.Witnesses() {
		fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprintf("witness %s %s %s", w.Name, w.Verifier, w.URL)))
	}
	for _, g := range p.Groups() {
		fmt.Fprintf(&b, "group %s %d %s\n", g.Name, g.K, strings.Join(g.Members, " "))
	}
	fmt.Fprintf(&b, "quorum %s\n", p.Quorum())
	return b.String()
}

// Random policies mean what the plainest reading of them does, for random sets of
// cosigners.
func TestSatisfiedAgainstReference(t *testing.T) {
	text, list := witnessLines(t, 8)
	r := rand.New(rand.NewPCG(5, 2026))
	for range 300 {
		free := []string{"w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"}
		rules := ""
		for g := range 1 + r.IntN(5) {
			r.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
			n := 1 + r.IntN(min(4, len(free)))
			rules += fmt.Sprintf("group g%d %d %s\n", g, 1+r.IntN(n), strings.Join(free[:n], " "))
			free = append(slices.Clone(free[n:]), fmt.Sprintf("g%d", g))
		}
		p := policyOf(t, text+rules+"quorum "+free[r.IntN(len(free))]+"\n")
		for range 20 {
			set := map[string]bool{}
			var who []int
			for i := range list {
				if r.IntN(2) == 0 {
					who = append(who, i)
					set[fmt.Sprintf("w%d", i)] = true
				}
			}
			if got, want := p.Satisfied(cosignedBy(list, who...)), reached(p, p.Quorum(), set); got != want {
				t.Fatalf("%s\nwith %v: got %t", rules, who, got)
			}
		}
	}
}

// checkPolicy holds what every policy that is read has to keep.
func checkPolicy(t *testing.T, text string, p *ledger.WitnessPolicy) {
	t.Helper()
	if p.String() != text {
		t.Fatal("the text is another than was read")
	}
	again, err := ledger.ParseWitnessPolicy(canonical(p))
	if err != nil {
		t.Fatalf("read, and refused when written anew: %v", err)
	}
	if !reflect.DeepEqual(again.Groups(), p.Groups()) || again.Quorum() != p.Quorum() || canonical(again) != canonical(p) {
		t.Fatalf("written anew it is another:\n%s", canonical(p))
	}
	all := map[string]bool{}
	var each []ledger.Cosignature
	for _, w := range p.Witnesses() {
		all[w.Name] = true
		each = append(each, ledger.Cosignature{Verifier: w.Verifier})
	}
	if p.Satisfied(nil) != reached(p, p.Quorum(), nil) || p.Satisfied(each) != reached(p, p.Quorum(), all) {
		t.Fatal("the quorum is another than by its plainest reading")
	}
	if p.Demanded() && p.Satisfied(nil) {
		t.Fatal("a demand that nobody has to meet")
	}
}

func FuzzParseWitnessPolicy(f *testing.F) {
	three, _ := witnessLines(f, 3)
	for _, s := range []string{
		"quorum none\n", three + "quorum w1\n", three + "group g 2 w0 w1 w2\nquorum g\n", three + "group g any w0\ngroup h all g w1\nquorum h\n#\n",
		"\t quorum\t none \n", "quorum none", "group g any g\nquorum g\n", "witness a b\nquorum a\n", "log x\nquorum none\n", "quorum none\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ledger.ParseWitnessPolicy(text)
		if err != nil {
			if code(err) != "TRUST-WITNESS-MALFORMED" {
				t.Fatalf("got %v", err)
			}
			return
		}
		checkPolicy(t, text, p)
	})
}

// FuzzWitnessRules fuzzes the lines below six witnesses, which random bytes never
// define.
func FuzzWitnessRules(f *testing.F) {
	text, _ := witnessLines(f, 6)
	for _, s := range []string{"group g 2 w0 w1 w2\nquorum g\n", "group g any w0 w1\ngroup h all g w2\nquorum h\n", "quorum w5\n", "group g 3 w0 w1\nquorum g\n", "group none all w0\nquorum none\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rules string) {
		if p, err := ledger.ParseWitnessPolicy(text + rules); err == nil {
			checkPolicy(t, text+rules, p)
		}
	})
}
