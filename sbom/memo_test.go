package sbom_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/yurai-ledger/yurai/sbom"
)

// TestMemo: what is remembered is what Admit gives, for these bytes and limits.
func TestMemo(t *testing.T) {
	good := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"device","name":"a"}]}`)
	other := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"device","name":"b"}]}`)
	bad := []byte(`{"bomFormat":"CycloneDX","specVersion":"9.9"}`)
	tight := sbom.Limits{Depth: 2}
	var memo sbom.Memo
	for range 2 {
		for _, raw := range [][]byte{good, other, bad} {
			for _, limits := range []sbom.Limits{sbom.DefaultLimits, tight} {
				want, wantFindings := sbom.Admit(raw, limits)
				got, gotFindings := memo.Admit(raw, limits)
				if (got == nil) != (want == nil) || got != nil && got.Digest != want.Digest {
					t.Errorf("%s with depth %d: got %v, want %v", raw, limits.Depth, got, want)
				}
				if diff := cmp.Diff(wantFindings, gotFindings); diff != "" {
					t.Errorf("%s with depth %d: (-want +got)\n%s", raw, limits.Depth, diff)
				}
				for i := range gotFindings {
					gotFindings[i].Text = "the caller's own"
				}
			}
		}
	}
	first, _ := memo.Admit(good, sbom.DefaultLimits)
	if again, _ := memo.Admit(good, sbom.Limits{}); again != first {
		t.Error("the same bytes under the same limits were admitted twice")
	}
	if a, _ := (*sbom.Memo)(nil).Admit(good, tight); a != nil {
		t.Error("no memo admits what is too deep")
	}
}

// TestMemoTogether: many may ask at once.
func TestMemoTogether(t *testing.T) {
	raw := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.6"}`)
	var memo sbom.Memo
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if doc, _ := memo.Admit(raw, sbom.DefaultLimits); doc == nil {
				t.Error("refused")
			}
		})
	}
	wg.Wait()
}
