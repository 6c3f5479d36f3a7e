package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// A case that names one input a thousand times is read, and judged, as if it
// named it once.
func TestCaseOfOneInput(t *testing.T) {
	dir, digest := keptCase(t)
	name := filepath.Join(dir, "case", caseFile)
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var linked []any
	for i := range 2000 {
		linked = append(linked, map[string]any{"name": fmt.Sprint(i), "sha256": digest, "bundle": nil, "absent": 0, "unproven": "", "misbehaved": ""})
	}
	doc["linked"] = linked
	if raw, err = json.Marshal(doc); err == nil {
		err = os.WriteFile(name, raw, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	k, err := openCase(filepath.Join(dir, "case"))
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	judged, err := k.judge(&environment{stderr: new(strings.Builder)})
	if err != nil || len(judged) != 1 {
		t.Fatal(err)
	}
	if _, err := k.compare(0, judged[0]); err != nil {
		t.Error(err)
	}
	if len(k.inputs) != 4 { // trust file, policy, both bills of materials
		t.Errorf("%d inputs are held", len(k.inputs))
	}
}

// No name and no link of whoever asks for a case to be kept leads anywhere else,
// and nothing that is there is written over.
func TestKeepNowhereElse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("absent: symbolic links, which need a right of their own here")
	}
	dir, _ := keptCase(t)
	outside := filepath.Join(dir, "outside")
	if err := os.Mkdir(outside, 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"dangling": "nowhere", "folder": "outside", "file": "relay.cdx.json"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"check", filepath.Join(dir, "relay.cdx.json"), "--trust", filepath.Join(dir, "ledger", "trust.json"), "--at", "2026-11-22T10:00:00Z", "--keep"}
	for _, folder := range []string{"dangling", "folder", "file", "case", "case/", "outside/.."} {
		code, _, errs := in(t, nil, "", append(args, dir+"/"+folder)...)
		if code == 0 || code == exitHold {
			t.Errorf("--keep %s: exit %d\n%s", folder, code, errs)
		}
	}
	if list, err := os.ReadDir(outside); err != nil || len(list) > 0 {
		t.Errorf("in the folder behind a link: %v, %v", list, err)
	}
	// A case goes by the name that is given, wherever dots lead, and its inputs by
	// their digests: names that differ in case alone meet nothing.
	copied := filepath.Join(dir, "RELAY.cdx.json")
	raw, err := os.ReadFile(filepath.Join(dir, "relay.cdx.json"))
	if err != nil || os.WriteFile(copied, raw, 0o644) != nil {
		t.Fatal(err)
	}
	args = slices.Insert(args, 2, copied, filepath.Join(dir, "relay.cdx.json"))
	if code, _, errs := in(t, nil, "", append(args, dir+"/outside/../three")...); code != exitHold {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	list, err := os.ReadDir(filepath.Join(dir, "three"))
	folded := map[string]bool{}
	for _, x := range list {
		folded[strings.ToLower(x.Name())] = true
	}
	if err != nil || len(list) != len(folded) || len(list) != 4 {
		t.Errorf("%v, %v", list, err)
	}
	if code, out, errs := in(t, nil, "", "verdict", "recompute", filepath.Join(dir, "three")); code != 0 || strings.Count(out, "HOLD") != 3 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

// Of several that were assessed, the order in which they are given decides nothing.
func TestCounterpart(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "relay.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	changed := strings.Replace(string(raw), `"value": "TW"`, `"value": "BV"`, 1)
	product := `{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"type": "device", "name": "HR-99"}}}`
	all := []receiving.Assessment{
		{File: []byte(changed), At: now}, {File: raw, At: now.AddDate(0, -1, 0)}, {File: raw}, {File: []byte(product), At: now.AddDate(0, 1, 0)}, {File: []byte("{}"), At: now},
	}
	for _, c := range []struct {
		name string
		file string
		want int // of all, -1 for none
	}{
		{"the same bytes", string(raw), 1},
		{"the same bytes, judged last", changed, 0},
		{"the product that was judged last", strings.Replace(string(raw), `"value": "TW"`, `"value": "HM"`, 1), 0},
		{"no BOM", "{}", -1},
	} {
		for turn := range len(all) {
			given := append(slices.Clone(all[turn:]), all[:turn]...)
			k := &checking{assessed: given}
			got := k.counterpart([]byte(c.file), 1)
			switch {
			case (got == nil) != (c.want < 0):
				t.Errorf("%s: turned by %d: %t", c.name, turn, got == nil)
			case got != nil && (string(got.File) != string(all[c.want].File) || !got.At.Equal(all[c.want].At)):
				t.Errorf("%s: turned by %d: of %s", c.name, turn, got.At)
			}
		}
	}
}
