package cli

import (
	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// signing is what a vendor says about a file.
type signing struct {
	keys  []string
	party string
	log   string
	held  bool
}

func (s *signing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&s.keys, "key", nil, "private key `FILE` of the vendor; once for each key")
	f.StringVar(&s.party, "party", "", "`ID` under which the vendor is enrolled")
	f.StringVar(&s.log, "log", "", "`ORIGIN` of the one log that the statement is for")
	f.BoolVar(&s.held, "held", false, "the log keeps the file and serves it to nobody")
}

func newSign(e *environment) *cobra.Command {
	var s signing
	var file string
	cmd := leaf(e, &cobra.Command{
		Use:   "sign FILE --key vendor.key --party x:ID [--log ORIGIN] [--held] [-o FILE.statement.json]",
		Short: "Sign a bill of materials as vendor",
		Long: `Examine a CycloneDX bill of materials as the ledger will and sign a statement about
exactly its bytes. The file itself is not changed. An existing statement is never
overwritten. "-" is standard input and needs -o.`,
		Example: "  yurai sign relay.cdx.json --key vendor.key --party x:hoshino-relay",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "key", "party"); err != nil {
			return err
		}
		if file == "" {
			if args[0] == "-" {
				return misuse(cmd, "--output must be given with standard input")
			}
			file = args[0] + ".statement.json"
		}
		raw, err := e.readInput(args[0], maxBOM)
		if err != nil {
			return err
		}
		leaf, err := e.sign(args[0], raw, s)
		if err != nil {
			return err
		}
		if err := e.writeStatement(file, leaf); err != nil {
			return err
		}
		if file != "-" {
			e.printf("%s\n", "%s\n", file)
		}
		return nil
	})
	s.flags(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "`FILE` for the statement; - is standard output")
	return cmd
}

// sign admits raw and returns the signed statement about it.
func (e *environment) sign(name string, raw []byte, s signing) ([]byte, error) {
	signers, err := readSigners(s.keys)
	if err != nil {
		return nil, err
	}
	doc, err := e.admit(name, raw)
	if err != nil {
		return nil, err
	}
	body := receiving.Describe(doc)
	body.Head = statement.Head{Log: s.log, Party: []string{s.party}, Made: e.now()}
	body.Disclosure = statement.DisclosureOpen
	if s.held {
		body.Disclosure = statement.DisclosureHeld
	}
	payload, err := statement.NewBOM(body)
	if err != nil {
		return nil, err
	}
	return envelope.Sign(envelope.PayloadType, payload, signers...)
}

// admit examines a bill of materials. Every finding goes to standard error; the
// first that refuses the document is returned.
func (e *environment) admit(name string, raw []byte) (*sbom.Document, error) {
	doc, findings := sbom.Admit(raw, sbom.DefaultLimits)
	refused := sbom.FirstError(findings)
	first := true
	for _, f := range findings {
		if doc == nil && first && f.Severity == sbom.SeverityError {
			first = false // it is returned
			continue
		}
		e.complainAbout(name, f.Refusal())
	}
	if doc == nil {
		return nil, refused
	}
	return doc, nil
}
