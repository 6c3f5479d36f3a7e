package cli

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/ledger"
)

// A fork that is seen at one file counts for every file of that log, whichever
// comes first, and for no file of another log.
func TestForkAtOneOfSeveralFiles(t *testing.T) {
	l, honest := newLiar(t), newLiarOf(t, "ledger.example/honest")
	one, two := relay(t, 1), relay(t, 2)
	l.add(l.bom(vendorID, one, nil)("vendor"))
	held := l.keep("held.json", one, l.bundle(4, 2))
	bare := l.keep("bare.json", two, nil)
	honest.add(honest.bom(vendorID, two, nil)("vendor"))
	other := honest.keep("other.json", two, honest.bundle(4, 2))
	fork := l.branch(4)
	fork.add(fork.bom(vendorID, two, nil)("vendor"))
	forked := fork.serve(map[int64][]int64{4: {2}}, nil)
	both := trustIn(t, l.trust)
	both.Logs = append(both.Logs, trustIn(t, honest.trust).Logs...)
	raw, err := both.Marshal()
	l.ok(err)
	trust := l.file("both.json", raw)
	want := map[string]string{held: `"verdict":"reject"`, bare: `"verdict":"reject"`, other: `"verdict":"accept"`}
	files := []string{held, bare, other}
	for turn := range 6 {
		given := slices.Clone(files)
		given = append(given[turn%3:], given[:turn%3]...)
		if turn > 2 {
			slices.Reverse(given)
		}
		code, out, errs := in(t, nil, "", append([]string{"check", "--trust", trust, "--policy", l.policy, "--server", forked, "-f", "json"}, given...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != exitMisbehaved || len(lines) != 3 {
			t.Fatalf("%q: exit %d\n%s%s", given, code, out, errs)
		}
		for i, name := range given {
			exit, accused := `"exit":13`, true
			if name == other {
				exit, accused = `"exit":0`, false
			}
			if !strings.Contains(lines[i], want[name]) || !strings.Contains(lines[i], exit) || strings.Contains(lines[i], "AUDIT-LOG-FORK") != accused {
				t.Errorf("%q: %s: %s", given, name, lines[i])
			}
		}
	}
}

func trustIn(t *testing.T, name string) *ledger.Trust {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.ParseTrust(raw)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}
