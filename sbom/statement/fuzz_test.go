package statement

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzParse: what is accepted can be built again and then stays the same; what
// is refused has a code.
func FuzzParse(f *testing.F) {
	files, err := os.ReadDir(filepath.Join("testdata", "fuzz", f.Name()))
	if err != nil || len(files) == 0 {
		f.Fatalf("no committed seeds: %v", err)
	}
	for _, payload := range payloads(f) {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		st, err := Parse(raw)
		if err != nil {
			var coded interface{ Code() string }
			if !errors.As(err, &coded) {
				t.Fatalf("%v has no code", err)
			}
			return
		}
		once, err := rebuild(st)
		if err != nil {
			// Only the size can differ: what was an escape may be written shorter, never longer.
			t.Fatalf("%s is accepted and cannot be built: %v", raw, err)
		}
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%s is built and not accepted: %v", once, err)
		}
		if twice, err := rebuild(again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s becomes %s", once, twice)
		}
		if st.Subject != again.Subject || st.Kind != again.Kind {
			t.Fatal("another statement comes back")
		}
	})
}
