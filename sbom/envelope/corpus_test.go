package envelope

import (
	"os"
	"path/filepath"
	"testing"
)

// requireCorpus fails a fuzz target whose committed seeds are gone.
func requireCorpus(f *testing.F) {
	f.Helper()
	files, err := os.ReadDir(filepath.Join("testdata", "fuzz", f.Name()))
	if err != nil || len(files) == 0 {
		f.Fatalf("no committed seeds of %s: %v", f.Name(), err)
	}
}
