package policy

import (
	"embed"
	"path"
	"strings"
)

//go:embed packs/*.yaml
var packs embed.FS

// The policies that are part of the program.
const (
	// Starter is judged by where nobody chose a policy. It names no country:
	// until the operator sets countries_of_concern, it holds.
	Starter = "jp-core"
	// Demo is the demonstration's. Its country is uninhabited.
	Demo = "demo"
)

// Packs returns the names of the policies that are part of the program, sorted.
func Packs() []string {
	entries, err := packs.ReadDir("packs")
	if err != nil {
		panic("policy: reading the embedded packs: " + err.Error())
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Pack returns the bytes of a policy that is part of the program, for [Parse].
func Pack(name string) (raw []byte, ok bool) {
	raw, err := packs.ReadFile(path.Join("packs", name+".yaml"))
	return raw, err == nil
}
