package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/statement"
	"github.com/yurai-ledger/yurai/server/problem"
)

func newAdvisory(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "advisory", Short: "Warn of products, parts or bytes"})
	cmd.AddCommand(newAdvisoryPublish(e))
	return cmd
}

func newAdvisoryPublish(e *environment) *cobra.Command {
	var s speaking
	var selects []string
	var severity, effective, expires, text string
	cmd := leaf(e, &cobra.Command{
		Use: "publish --party ID --key K --select party=ID|product=P|part=N|maker=M|digest=D [--select …] --severity ban|recall|notice " +
			"--effective TIME [--expires TIME] --text S (--server URL --trust T | -o FILE)",
		Short: "Warn of what a selector is about",
		Long: `Sign, as regulator, CSIRT or vendor, a warning of what has everything that --select
says: the party that signed or made it, the product by name, GTIN, CPE or purl, a part
number at any depth, the digest of a bill of materials or of a component. A ban rejects,
a recall holds, a notice notes. maker goes with part; a part of no named maker is never
rejected. A vendor's warning is about that vendor's own bills of materials alone.
` + "`yurai withdraw INDEX`" + ` takes it back.`,
		Example: `  yurai advisory publish --party x:regulator --key regulator.key --select product=HR-87T --severity ban \
      --effective 2026-12-01T00:00:00Z --text "undocumented radio" --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "party", "key", "select", "severity", "effective", "text"); err != nil {
			return err
		}
		if err := s.check(cmd); err != nil {
			return err
		}
		body := statement.Advisory{Severity: severity, Text: text}
		var err error
		if body.Selector, err = readSelector(cmd, selects); err != nil {
			return err
		}
		if body.Effective, err = readTime(cmd, "effective", effective); err != nil {
			return err
		}
		if expires != "" {
			if body.Expires, err = readTime(cmd, "expires", expires); err != nil {
				return err
			}
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
		body.Head = sp.head
		payload, err := statement.NewAdvisory(body)
		if err != nil {
			return err
		}
		return e.utter(ctx, &s, sp, payload, said{
			severityWords[severity].EN + " of " + s.party,
			s.party + " の" + severityWords[severity].JA + "を公表しました",
		}, signers...)
	})
	s.flags(cmd)
	s.partyFlag(cmd)
	s.logFlag(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&selects, "select", nil, "`WHAT` it is about, as party=, product=, part=, maker= or digest=; each once, all have to hold")
	f.StringVar(&severity, "severity", "", "`HOW` grave: ban, recall or notice")
	f.StringVar(&effective, "effective", "", "`TIME` from which it holds, RFC 3339")
	f.StringVar(&expires, "expires", "", "`TIME` from which it no longer holds (default never)")
	f.StringVar(&text, "text", "", "`TEXT` that says what is the matter and what to do")
	return cmd
}

var severityWords = map[string]problem.Text{
	statement.SeverityBan:    {EN: "ban", JA: "使用禁止"},
	statement.SeverityRecall: {EN: "recall", JA: "回収"},
	statement.SeverityNotice: {EN: "notice", JA: "注意喚起"},
}

// readSelector reads the values of --select.
func readSelector(cmd *cobra.Command, words []string) (statement.Selector, error) {
	var s statement.Selector
	var part statement.Part
	seen := map[string]bool{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || value == "" {
			return s, misuse(cmd, "--select %q has no value", w)
		}
		if seen[name] {
			return s, misuse(cmd, "--select %s is given twice; publish two advisories", name)
		}
		seen[name] = true
		switch name {
		case "party":
			s.Party = value
		case "product":
			s.Product = value
		case "part":
			part.Part = value
		case "maker":
			part.Maker = value
		case "digest":
			d, err := statement.ParseDigest(value)
			if err != nil {
				return s, err
			}
			s.Digest = d
		default:
			return s, misuse(cmd, "--select %q is none of party=, product=, part=, maker=, digest=", w)
		}
	}
	if part.Maker != "" && part.Part == "" {
		return s, misuse(cmd, "--select maker= goes with part=")
	}
	if part.Part != "" {
		s.Part = &part
	}
	return s, nil
}
