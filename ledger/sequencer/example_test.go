package sequencer_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/ledger/filestore"
	"github.com/yurai-ledger/yurai/ledger/sequencer"
)

// A log is a store, a signer and a goroutine that runs it.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	const origin = "ledger.example/jp-power-2026"
	signer, err := ledger.NewSigner(ledger.Ed25519, origin, rand.Reader)
	if err != nil {
		panic(err)
	}
	folder, options := filepath.Join(dir, "log"), filestore.Options{Origin: origin}
	if err := filestore.Create(folder, options, time.Now()); err != nil {
		panic(err)
	}
	store, err := filestore.Open(folder, options)
	if err != nil {
		panic(err)
	}
	defer store.Close()

	ctx, stop := context.WithCancel(context.Background())
	log, err := sequencer.Open(ctx, sequencer.Config{
		Origin: origin, Store: store, Signers: []*ledger.Signer{signer}, Clock: time.Now,
	})
	if err != nil {
		panic(err)
	}
	ended := make(chan error)
	go func() { ended <- log.Run(ctx) }()

	for _, leaf := range []string{"a statement", "another", "a statement"} {
		r, err := log.Add(ctx, sequencer.Entry{Leaf: []byte(leaf)})
		if err != nil {
			panic(err)
		}
		fmt.Println(r.Index, r.Duplicate)
	}
	stop()
	fmt.Println(<-ended, log.Size())
	// Output:
	// 0 false
	// 1 false
	// 0 true
	// <nil> 2
}
