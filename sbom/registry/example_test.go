package registry_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/yurai-ledger/yurai/sbom/registry"
)

// An auditor replays a log: every leaf is verified under the keys that act at
// its index, then applied.
func Example() {
	h := registry.NewHistory("ledger.example/test-2026")
	for i, name := range []string{"0-genesis", "1-admission", "2-party-ecdsa", "3-bom", "4-bom-ecdsa"} {
		leaf, err := os.ReadFile(filepath.Join("testdata", name+".leaf"))
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := h.State().OpenLeaf(leaf)
		if err != nil {
			fmt.Println(name, err)
			return
		}
		if err := h.Apply(int64(i), p); err != nil {
			fmt.Println(name, err)
			return
		}
	}
	party, _ := h.State().PartyAt("x:a", 5)
	fmt.Println(party.Party.Name, "enrolled by entry", party.Index)
	for _, size := range []int64{4, 5} {
		standing, _ := h.Standing(3, size)
		fmt.Println("entry 3 at size", size, "is", standing.Word)
	}
	// Output:
	// Party x:a enrolled by entry 2
	// entry 3 at size 4 is admitted
	// entry 3 at size 5 is superseded
}

// A server's guard judges a batch before it is committed.
func ExampleState_Propose() {
	s := registry.New("ledger.example/test-2026")
	var batch []any
	for _, name := range []string{"0-genesis", "1-admission", "3-bom", "2-party-ecdsa", "3-bom"} {
		leaf, err := os.ReadFile(filepath.Join("testdata", name+".leaf"))
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := registry.PrepareLeaf(leaf)
		if err != nil {
			fmt.Println(err)
			return
		}
		batch = append(batch, p)
	}
	for _, err := range s.Propose(0, batch) {
		fmt.Println(err)
	}
	s.Keep()
	fmt.Println(s.Size(), "entries")

	s.Propose(s.Size(), batch[4:])
	s.Drop() // the disk was full
	fmt.Println(s.Size(), "entries")
	// Output:
	// <nil>
	// <nil>
	// party "x:a" is not enrolled
	// <nil>
	// <nil>
	// 4 entries
	// 4 entries
}
