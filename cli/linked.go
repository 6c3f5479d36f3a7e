package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/yurai-ledger/yurai/sbom/receiving"
)

// linkedFolder is the folder beside a file in which fetch keeps the bills of
// materials that the file links to, each under the name of its digest.
func linkedFolder(name string) string { return name + ".linked" }

var linkedFile = regexp.MustCompile(`^([0-9a-f]{64})\.cdx\.json$`)

// kept returns the files in the folder beside a file, by name, and at most so many
// as are followed.
func (e *environment) kept(name string) ([]string, error) {
	if name == "-" {
		return nil, nil
	}
	list, err := os.ReadDir(linkedFolder(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refuse("CLI-FILE-UNREADABLE", "%s: %w", linkedFolder(name), plainPath(err))
	}
	var names []string
	for _, x := range list {
		if linkedFile.MatchString(x.Name()) && len(names) < receiving.MaxLinked {
			names = append(names, filepath.Join(linkedFolder(name), x.Name()))
		}
	}
	return names, nil
}

// swapped returns a refusal if a file is in such a folder under the name of other
// bytes than it has (CLI-LINKED-OTHER).
func swapped(name string, raw []byte) error {
	m := linkedFile.FindStringSubmatch(filepath.Base(name))
	if m == nil {
		return nil
	}
	if sum := hexSum(raw); sum != m[1] {
		return refuse("CLI-LINKED-OTHER", "%s holds sha256:%s", name, sum)
	}
	return nil
}

// beside reads what is at hand beside the files that are judged: what --linked
// names, and what was fetched. A name that was read already is left out.
func (e *environment) beside(files, linked []string) ([]string, error) {
	known := map[string]bool{}
	for _, name := range files {
		known[filepath.Clean(name)] = true
	}
	var names []string
	add := func(list []string) {
		for _, name := range list {
			if at := filepath.Clean(name); !known[at] {
				known[at] = true
				names = append(names, name)
			}
		}
	}
	add(linked)
	for _, name := range files {
		list, err := e.kept(name)
		if err != nil {
			return nil, err
		}
		add(list)
	}
	return names, nil
}
