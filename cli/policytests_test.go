package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/yurai-ledger/yurai/sbom/policy"
)

// What comes of a policy's tests comes of them again from what was read, whatever
// could not be: a case keeps only that.
func TestPolicyTestsAgain(t *testing.T) {
	bom, err := os.ReadFile(filepath.Join("testdata", "relay.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse([]byte(`format: yurai-policy/1
id: own
version: 1
title: {en: Rules, ja: 規則}
notice: {en: "Decision aid.", ja: "判断の補助"}
source: [{ref: "test", read: "2026-11-22"}]
verified: false
home: "JP"
timezone: "Asia/Tokyo"
demands: {tender: document}
inputs:
  one: {type: list, list: "x:demo/one", maxAge: 2160h}
  two: {type: list, list: "x:demo/two", maxAge: 2160h}
critical: {except: {types: [file]}}
rules:
  - {id: R1, title: {en: Rule, ja: 規則}, row: origin, strength: asserted, outcome: hold, unknown: hold, waivable: true, because: {en: "it hits", ja: "該当"}, basis: "test", each: component, when: "listed(maker(it), input.one) || listed(maker(it), input.two)"}
tests:
  - {name: t, at: "2027-01-05T00:00:00Z", bom: a.json, expect: {verdict: hold}, lists: {one: {file: one.csv, date: "2027-01-01T00:00:00Z"}, two: {file: two.csv, date: "2027-01-01T00:00:00Z"}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	files := func(have map[string]any) func(name string) ([]byte, error) {
		return func(name string) ([]byte, error) {
			switch x := have[name].(type) {
			case []byte:
				return x, nil
			case error:
				return nil, x
			}
			return nil, fs.ErrNotExist
		}
	}
	bad := []byte("\xff")
	for name, have := range map[string]map[string]any{
		"nothing there":                {},
		"a folder for a BOM":           {"a.json": errors.New("is a folder")},
		"a folder for a list":          {"a.json": bom, "one.csv": errors.New("is a folder"), "two.csv": bad},
		"a bad list, the other absent": {"a.json": bom, "one.csv": bad},
		"a bad list, the first absent": {"a.json": bom, "two.csv": bad},
		"two bad lists":                {"a.json": bom, "one.csv": bad, "two.csv": bad},
		"no BOM":                       {"a.json": bad},
	} {
		t.Run(name, func(t *testing.T) {
			for range 30 {
				was, read, err := runTests(p, files(have))
				if strings.HasPrefix(name, "a folder") {
					if err == nil || was != nil {
						t.Fatalf("what is there and cannot be read came to %+v", was)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				kept := map[string]any{}
				for name, raw := range read {
					kept[name] = raw
				}
				if is, _, err := runTests(p, files(kept)); err != nil || !reflect.DeepEqual(was, is) {
					t.Fatalf("%+v, again %+v", was, is)
				}
			}
		})
	}
}
