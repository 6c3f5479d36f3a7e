package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// proof has torchwood verify a c2sp.org/tlog-proof under a c2sp.org/tlog-policy,
// and refuse it for another leaf and when anything in it is altered.
func proof(policyFile, leafFile, proofFile string) (string, error) {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return "", err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return "", err
	}
	leaf, err := os.ReadFile(leafFile)
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(proofFile)
	if err != nil {
		return "", err
	}
	hash := tlog.RecordHash(leaf)
	if err := torchwood.VerifyProof(policy, hash, raw); err != nil {
		return "", err
	}
	if torchwood.VerifyProof(policy, tlog.RecordHash(append(leaf, ' ')), raw) == nil {
		return "", errors.New("torchwood took the proof for another leaf")
	}
	// What the policy names, a byte changed at each place. Signature lines of keys
	// that it does not name are ignored by the specification.
	body, signatures, ok := strings.Cut(string(raw), "\n\u2014 ")
	if !ok {
		return "", errors.New("the proof has no signature line")
	}
	first, _, _ := strings.Cut(signatures, "\n")
	bent := 0
	for i := range len(body) + len("\n\u2014 ") + len(first) {
		if raw[i+1] == '=' {
			continue // two bits of the letter before a padding mean nothing
		}
		altered := []byte(string(raw))
		altered[i] ^= 1
		if torchwood.VerifyProof(policy, hash, altered) == nil {
			return "", fmt.Errorf("torchwood took the proof with byte %d changed", i)
		}
		bent++
	}
	cut := 0
	lines := strings.SplitAfter(body, "\n")
	for i := range lines {
		if torchwood.VerifyProof(policy, hash, []byte(strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "")+string(raw[len(body):]))) == nil {
			return "", fmt.Errorf("torchwood took the proof without line %d", i+1)
		}
		cut++
	}
	return fmt.Sprintf("torchwood.VerifyProof: taken; %d with a byte changed and %d without a line refused", bent, cut), nil
}
