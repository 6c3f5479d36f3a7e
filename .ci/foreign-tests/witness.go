package main

import (
	"bytes"
	"fmt"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// witness sends a log's checkpoint to a witness that has seen nothing of it
// (c2sp.org/tlog-witness), verifies the cosignature that it answers, and has it
// refuse a tree that does not follow.
func witness(url, vkeyFile, log, logKeyFile string) (string, error) {
	signed, err := get(strings.TrimSuffix(log, "/") + "/checkpoint")
	if err != nil {
		return "", err
	}
	c, err := opened(signed, logKeyFile)
	if err != nil {
		return "", err
	}
	vkey, err := text(vkeyFile)
	if err != nil {
		return "", err
	}
	v, err := torchwood.NewCosignatureVerifier(vkey)
	if err != nil {
		return "", err
	}
	add := strings.TrimSuffix(url, "/") + "/add-checkpoint"
	lines, err := do("POST", add, bytes.NewReader(append([]byte("old 0\n\n"), signed...)))
	if err != nil {
		return "", err
	}
	cosigned := append(bytes.Clone(signed), lines...)
	n, err := note.Open(cosigned, note.VerifierList(v))
	if err != nil {
		return "", fmt.Errorf("the cosignature: %w", err)
	}
	if _, err := torchwood.CosignatureTimestamp(n.Sigs[0]); err != nil {
		return "", err
	}
	if _, err := do("POST", add, bytes.NewReader(append([]byte("old 0\n\n"), signed...))); err == nil {
		return "", fmt.Errorf("the witness forgot what it had cosigned")
	}
	// Again, from what it has seen: the same tree, without a proof.
	if _, err := do("POST", add, bytes.NewReader(append(fmt.Appendf(nil, "old %d\n\n", c.N), signed...))); err != nil {
		return "", err
	}
	wrong := fmt.Appendf(nil, "old %d\n%s\n\n", c.N, tlog.Hash{})
	if _, err := do("POST", add, bytes.NewReader(append(wrong, signed...))); err == nil {
		return "", fmt.Errorf("the witness took a proof where there is none")
	}
	return fmt.Sprintf("%s cosigned %d entries of %s", v.Name(), c.N, c.Origin), nil
}
