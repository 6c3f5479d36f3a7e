package main

import (
	"encoding/base64"
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
	// A line without which the proof is taken is one that the specification has
	// readers ignore: extra data, which is the leaf for whoever has only the proof,
	// and signatures of keys that the policy does not name. Of each other line no
	// byte may be another.
	lines := strings.SplitAfter(string(raw), "\n")
	bent, needed, at := 0, 0, 0
	for i, line := range lines {
		without := strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "")
		if line == "" {
			continue
		}
		if extra, ok := strings.CutPrefix(line, "extra "); ok {
			if got, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(extra, "\n")); err != nil || string(got) != string(leaf) {
				return "", fmt.Errorf("the extra data is not the leaf: %v", err)
			}
		} else if torchwood.VerifyProof(policy, hash, []byte(without)) != nil {
			needed++
			for k := range line {
				if strings.HasPrefix(line[k+1:], "=") {
					continue // two bits of the letter before a padding mean nothing
				}
				altered := []byte(string(raw))
				altered[at+k] ^= 1
				if torchwood.VerifyProof(policy, hash, altered) == nil {
					return "", fmt.Errorf("torchwood took the proof with byte %d changed", at+k)
				}
				bent++
			}
		} else if !strings.HasPrefix(line, "\u2014 ") {
			return "", fmt.Errorf("torchwood took the proof without line %d", i+1)
		}
		at += len(line)
	}
	return fmt.Sprintf("torchwood.VerifyProof: taken under its policy; refused without each of %d lines, and with each of %d bytes changed", needed, bent), nil
}
