// Command mldsa verifies ML-DSA-44 signatures of checkpoints with code that Yurai
// shares nothing with: filippo.io/torchwood v0.10.0 on crypto/mldsa of Go 1.27.
//
//	mldsa NOTE VKEY…
//
// NOTE is the file of a signed note, each VKEY that of a verifier key that must
// have signed it. It ends with 0 if all have, and if no altered note passes.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: mldsa NOTE VKEY…"))
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	for _, name := range os.Args[2:] {
		said, err := verify(raw, name)
		if err != nil {
			fail(fmt.Errorf("%s: %w", name, err))
		}
		fmt.Println(said)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mldsa:", err)
	os.Exit(1)
}

// verify has the key of a file verify a note and refuse it altered.
func verify(raw []byte, name string) (string, error) {
	key, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	v, err := torchwood.NewCosignatureVerifier(strings.TrimSuffix(string(key), "\n"))
	if err != nil {
		return "", err
	}
	n, err := note.Open(raw, note.VerifierList(v))
	if err != nil {
		return "", err
	}
	at, err := torchwood.CosignatureTimestamp(n.Sigs[0])
	if err != nil {
		return "", err
	}
	c, err := torchwood.ParseCheckpoint(n.Text)
	if err != nil {
		return "", err
	}
	line := []byte("\u2014 " + v.Name() + " " + n.Sigs[0].Base64)
	from := bytes.Index(raw, line)
	if from < 0 {
		return "", fmt.Errorf("the signature line is not in the note")
	}
	bent := 0
	alter := func(i int) error {
		if raw[i+1] == '=' {
			return nil // two bits of the letter before a padding mean nothing
		}
		altered := bytes.Clone(raw)
		altered[i] ^= 1
		bent++
		if _, err := note.Open(altered, note.VerifierList(v)); err == nil {
			return fmt.Errorf("byte %d changed, and it is taken", i)
		}
		return nil
	}
	for i := range n.Text {
		if err := alter(i); err != nil {
			return "", err
		}
	}
	for i := from; i < from+len(line); i += 37 {
		if err := alter(i); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("torchwood and crypto/mldsa: ML-DSA-44 of %s over %d entries at %d taken; %d altered refused", v.Name(), c.N, at, bent), nil
}
