package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	yaml "go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/sbom/statement"
)

// profileFormat is the "format" member of a profile's file.
const profileFormat = "yurai-profile/1"

// maxProfile bounds a profile's file, in bytes.
const maxProfile = 256 << 10

func newProfile(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "profile", Short: "Publish ownership facts"})
	cmd.AddCommand(newProfilePublish(e))
	return cmd
}

func newProfilePublish(e *environment) *cobra.Command {
	var s speaking
	var h hiding
	cmd := leaf(e, &cobra.Command{
		Use:   "publish FILE.yaml --party ID --key K [--commit FIELD… | --open FIELD…] (--server URL --trust T | -o STATEMENT)",
		Short: "Sign who owns and leads a party, and where it makes things",
		Long: `Sign, as the party itself, its ownership facts on a day: the country under whose law
it is, holders of at least 5 % of the votes, officers, sales of at least 25 % to a
foreign government, plants. A log forgets nothing, so every field is a salted commitment
unless --open names it; with --commit those alone are. Officers' names and days of birth
are never told. What opens the commitments is written to a file of its own before
anything is submitted: hand it to the operator, or to the ministry alone. How many rows
there are is seen by everybody. FILE.yaml.yurai.json proves the entry, and goes with it
to ` + "`yurai check --profile`" + `.

  format: yurai-profile/1
  asOf: "2026-10-01"
  incorporated: JP
  holders: {whole: true, list: [{name: Hoshino Holdings, country: JP, share: "62.5"}]}
  officers: {whole: true, list: [{name: Hanako Hoshino, born: "1970-01-31", nationality: JP}]}
  sales: {whole: true}
  plants: {list: [{name: Nagano works, country: JP, address: "1-2-3 Chuo, Nagano"}]}

whole says that there are no others; whole without a list, that there is none.`,
		Example: `  yurai profile publish profile.yaml --party x:vendor --key vendor.key --open incorporated \
      --server http://127.0.0.1:8080 --trust trust.json`,
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := s.check(cmd); err != nil {
			return err
		}
		raw, err := e.readInput(args[0], maxProfile)
		if err != nil {
			return err
		}
		body, err := parseProfile(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		hides, err := h.choose(cmd, body, true)
		if err != nil {
			return err
		}
		if h.file == "" {
			h.file = args[0] + ".openings.json"
		}
		signers, err := s.signers()
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		sp, err := e.begin(ctx, &s, true)
		if err != nil {
			return err
		}
		if err := sp.known.enrolled(s.party); err != nil {
			return err
		}
		if args[0] != "-" {
			s.receipt = bundleName(args[0])
		}
		body.Head = sp.head
		body.Prev = sp.known.state().ProfilePrev(s.party)
		openings, err := statement.Hide(body, hides, nil)
		if err != nil {
			return err
		}
		payload, err := statement.NewProfile(*body)
		if err != nil {
			return err
		}
		return e.seal(ctx, &s, sp, &h, payload, openings, statement.KindProfile, said{
			fmt.Sprintf("profile of %s as of %s", s.party, body.AsOf),
			fmt.Sprintf("%s の企業情報（%s 時点）", s.party, body.AsOf),
		}, signers...)
	})
	s.flags(cmd)
	s.partyFlag(cmd)
	s.chainFlag(cmd)
	h.flags(cmd, "FILE.yaml")
	cmd.Flags().StringArrayVar(&h.open, "open", nil, "`FIELD` to tell, all others are committed to; may be repeated")
	return cmd
}

// profileFile is a profile as people write it: every scalar is the string that
// is written.
type profileFile struct {
	Format       string               `yaml:"format"`
	AsOf         string               `yaml:"asOf"`
	Incorporated string               `yaml:"incorporated"`
	Holders      *rowsFile[holderRow] `yaml:"holders"`
	Officers     *rowsFile[personRow] `yaml:"officers"`
	Sales        *rowsFile[saleRow]   `yaml:"sales"`
	Plants       *rowsFile[plantRow]  `yaml:"plants"`
}

type rowsFile[T any] struct {
	Whole bool `yaml:"whole"`
	List  []T  `yaml:"list"`
}

type holderRow struct {
	Name    string `yaml:"name"`
	Country string `yaml:"country"`
	Share   string `yaml:"share"`
}

type personRow struct {
	Name        string `yaml:"name"`
	Born        string `yaml:"born"`
	Nationality string `yaml:"nationality"`
}

type saleRow struct {
	Country string `yaml:"country"`
	Share   string `yaml:"share"`
	Year    string `yaml:"year"`
}

type plantRow struct {
	Name    string `yaml:"name"`
	Country string `yaml:"country"`
	Address string `yaml:"address"`
}

// parseProfile reads the YAML of a profile: one document, no unknown or doubled
// key, no anchors, aliases, merge keys or tags. CLI-PROFILE-MALFORMED.
func parseProfile(raw []byte) (*statement.Profile, error) {
	malformed := func(format string, args ...any) (*statement.Profile, error) {
		return nil, refuse("CLI-PROFILE-MALFORMED", format, args...)
	}
	nodes := yaml.NewDecoder(bytes.NewReader(raw))
	var root, second yaml.Node
	if err := nodes.Decode(&root); err != nil {
		return malformed("the profile is not YAML: %v", err)
	}
	if err := nodes.Decode(&second); err != io.EOF {
		return malformed("the profile is more than one document")
	}
	if why := beyondPlain(&root); why != "" {
		return malformed("the profile has %s", why)
	}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	var f profileFile
	if err := dec.Decode(&f); err != nil {
		return malformed("the profile: %v", err)
	}
	if f.Format != profileFormat {
		return malformed("the profile has format %q, this program reads %q", printable(f.Format), profileFormat)
	}
	told := func(s string) statement.Field { return statement.Field{Text: s} }
	return &statement.Profile{
		AsOf: f.AsOf, Incorporated: told(f.Incorporated),
		Holders: rowsOf(f.Holders, func(r holderRow) statement.Holder {
			return statement.Holder{Name: told(r.Name), Country: told(r.Country), Share: told(r.Share)}
		}),
		Officers: rowsOf(f.Officers, func(r personRow) statement.Officer {
			return statement.Officer{Name: told(r.Name), Born: told(r.Born), Nationality: told(r.Nationality)}
		}),
		Sales: rowsOf(f.Sales, func(r saleRow) statement.Sale {
			return statement.Sale{Country: told(r.Country), Share: told(r.Share), Year: told(r.Year)}
		}),
		Plants: rowsOf(f.Plants, func(r plantRow) statement.Plant {
			return statement.Plant{Name: told(r.Name), Country: told(r.Country), Address: told(r.Address)}
		}),
	}, nil
}

func rowsOf[F, T any](f *rowsFile[F], row func(F) T) *statement.Rows[T] {
	if f == nil {
		return nil
	}
	rows := &statement.Rows[T]{Whole: f.Whole}
	for _, r := range f.List {
		rows.List = append(rows.List, row(r))
	}
	return rows
}

// beyondPlain says what a document has that says other than it shows, "" for
// nothing.
func beyondPlain(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return "anchors or aliases"
	case n.Style&yaml.TaggedStyle != 0 || strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		return "tags"
	}
	seen := map[string]bool{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if c.Value == "<<" {
				return "merge keys"
			}
			if seen[c.Value] {
				return "the key " + printable(c.Value) + " twice"
			}
			seen[c.Value] = true
		}
		if why := beyondPlain(c); why != "" {
			return why
		}
	}
	return ""
}
