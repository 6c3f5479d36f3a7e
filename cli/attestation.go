package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newAttestation(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "attestation", Short: "State what an audit or a test found"})
	cmd.AddCommand(newAttestationPublish(e))
	return cmd
}

func newAttestationPublish(e *environment) *cobra.Command {
	var s speaking
	var a statement.Attestation
	cmd := leaf(e, &cobra.Command{
		Use: "publish PARTY|DIGEST|FILE|INDEX (--party ID --key K | --registrar R) --standard S --scope S --findings S " +
			"(--server URL --trust T | -o STATEMENT)",
		Short: "Sign what was found of a party, a file or an entry",
		Long: `Sign, as auditor, laboratory or registrar, what was looked at, by which standard, how
far, and what was found. What was looked at is a party by its id, bytes by their digest
(sha256:…) or in a FILE, or what an entry is about: a bill of materials, a list or a
party, by the entry's INDEX or its FILE.yurai.json, which are verified. The file itself
goes nowhere; give the digest of one above 64 MiB. ` + "`yurai withdraw INDEX`" + ` takes it back.`,
		Example: `  yurai attestation publish x:hoshino-relay --party x:auditor --key auditor.key --standard "ISO/IEC 27001:2022" \
      --scope "plant in Suwa" --findings "no nonconformity" --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "standard", "scope", "findings"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		index, numbered := entryIndex(args[0])
		if numbered && s.server == "" {
			return misuse(cmd, "--server must be given to ask for entry %d", index)
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, false)
		if err != nil {
			return err
		}
		if err := e.attested(ctx, cmd, sp, &s, args[0], &a); err != nil {
			return err
		}
		a.Head = sp.head
		payload, err := statement.NewAttestation(a)
		if err != nil {
			return err
		}
		about := a.About
		if about == "" {
			about = a.Digest.String()
		}
		return e.utter(ctx, &s, sp, payload, said{
			"attestation of " + s.actor() + " about " + about,
			about + " についての " + s.actor() + " の証明書を公表しました",
		}, signers...)
	})
	s.flags(cmd)
	s.registrarFlag(cmd)
	s.partyFlag(cmd)
	s.logFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&a.Standard, "standard", "", "`TEXT` that says by what it was looked at")
	f.StringVar(&a.Scope, "scope", "", "`TEXT` that says how far")
	f.StringVar(&a.Findings, "findings", "", "`TEXT` that says what was found")
	return cmd
}

// attested writes into a what a word on the command line stands for.
func (e *environment) attested(ctx context.Context, cmd *cobra.Command, sp *speech, s *speaking, word string, a *statement.Attestation) error {
	if index, ok := entryIndex(word); ok {
		h, err := sp.remote.entry(ctx, index, sp.trust)
		if err != nil {
			return err
		}
		return attestedEntry(h, a)
	}
	if digest, err := statement.ParseDigest(word); err == nil {
		a.Digest = digest
		return nil
	}
	if statement.CheckParty(word) == nil {
		a.About = word
		return nil
	}
	if strings.HasPrefix(word, "sha256:") {
		_, err := statement.ParseDigest(word)
		return err
	}
	raw, err := e.readInput(word, maxListFile)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(formatOf(raw), "yurai-bundle/") {
		a.Digest = sha256.Sum256(raw)
		return nil
	}
	if s.trust == "" {
		return misuse(cmd, "--trust must be given to verify %s", word)
	}
	trust, err := readTrust(s.trust)
	if err != nil {
		return err
	}
	h, err := e.readBundle(word, trust)
	if err != nil {
		return err
	}
	return attestedEntry(h, a)
}

// attestedEntry writes into a what an entry is about.
func attestedEntry(h held, a *statement.Attestation) error {
	switch body := h.evidence.Statement.Body.(type) {
	case *statement.BOM:
		a.Digest = body.Digest
	case *statement.List:
		a.Digest = body.Digest
	case *statement.Party:
		a.About = body.ID
	default:
		return refuse("CLI-ATTESTATION-KIND", "entry %d is of kind %s", h.evidence.Index, h.evidence.Statement.Kind)
	}
	return nil
}

// aboutOf returns the digest or the party that a statement is about, "" where it is
// about neither.
func aboutOf(st *statement.Statement) string {
	switch body := st.Body.(type) {
	case *statement.BOM:
		return body.Digest.String()
	case *statement.List:
		return body.Digest.String()
	case *statement.Attestation:
		if body.About != "" {
			return body.About
		}
		return body.Digest.String()
	}
	return ""
}

// text is what a party's view says of an attestation about it.
func (x partyAttested) text(e *environment) string {
	return e.text(
		fmt.Sprintf("%s: %s (entry %d by %s, %s)", x.Standard, x.Findings, x.Index, x.By, x.Standing),
		fmt.Sprintf("%s：%s（%s による記録 %d、%s）", x.Standard, x.Findings, x.By, x.Index, x.Standing))
}
