package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestManual writes the files of the manual for authors of policies and types its
// commands, as TestReadme does with the README's.
func TestManual(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no POSIX shell here for the manual's commands")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(root, "sbom", "policy", "MANUAL.md")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := newReader(t, root)
	var out strings.Builder
	files := 0
	for rest := string(raw); ; {
		before, after, found := strings.Cut(rest, "\n```")
		out.WriteString(before)
		if !found {
			break
		}
		head, after, _ := strings.Cut(after, "\n")
		block, tail, closed := strings.Cut(after, "```\n")
		if !closed {
			t.Fatalf("a block of the manual is not closed: %s", head)
		}
		_, file, named := strings.Cut(head, " ")
		switch {
		case named:
			files++
			if err := os.WriteFile(filepath.Join(r.dir, file), []byte(block), 0o666); err != nil {
				t.Fatal(err)
			}
		case head == "console":
			block = r.block(block)
		default:
			t.Errorf("the manual has a block %q that nothing runs", head)
		}
		out.WriteString("\n```" + head + "\n" + block + "```\n")
		rest = tail
	}
	if files != 3 || r.commands < 4 {
		t.Errorf("the manual has %d files and %d commands", files, r.commands)
	}
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(name, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
