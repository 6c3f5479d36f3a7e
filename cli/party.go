package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

func newParty(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "party", Short: "Enrol those who sign, and change, take away or show their keys"})
	cmd.AddCommand(newPartyRequest(e), newPartyEnrol(e), newPartyRotate(e), newPartyDelegate(e), newPartyRevoke(e), newPartySuspend(e), newPartyShow(e))
	return cmd
}

func newPartyRequest(e *environment) *cobra.Command {
	var keys, roles []string
	var threshold int
	var p statement.Party
	var file string
	var s speaking
	cmd := leaf(e, &cobra.Command{
		Use:   "request --key vendor.key [--key K2 --threshold N] --id x:ID --name NAME --incorporated JP --role vendor (--log ORIGIN | --server URL --trust T) -o request.json",
		Short: "Apply for enrolment: a statement signed by every key of the party",
		Long: `Write the statement that enrols a party, signed by every one of its keys, which
shows that the applicant holds them. It is the finished statement: the registrar
adds signatures and changes no byte of it.

A party that is enrolled already applies again with --server: the request is for its
next version, speaks for whom it spoke for, and names the statement before it, which
is looked for in the log, read and verified entry by entry, or, with --bundle, in a
bundle of the party's. So a party comes back whose keys were stolen and revoked.`,
		Example: `  yurai party request --key vendor.key --id x:hoshino-relay --name "Hoshino Relay K.K." \
      --incorporated JP --role vendor --log ledger.example/jp-power-2026 -o request.json`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "key", "id", "name", "incorporated", "role", "output"); err != nil {
			return err
		}
		again := s.server != "" || s.bundle != ""
		switch {
		case !again:
			if err := require(cmd, "log"); err != nil {
				return err
			}
		case s.trust == "":
			return misuse(cmd, "--trust must be given")
		}
		signers, err := readSigners(keys)
		if err != nil {
			return err
		}
		if !given(cmd, "threshold") {
			threshold = len(signers)
		}
		if threshold < 1 || threshold > len(signers) {
			return misuse(cmd, "--threshold %d does not lie between 1 and the number of keys, %d", threshold, len(signers))
		}
		var public []envelope.Key
		for _, s := range signers {
			public = append(public, s.Key())
		}
		p.Made, p.Version, p.Roles = e.now(), 1, roles
		if s.log = p.Log; again {
			if err := e.nextVersion(cmd.Context(), &s, &p); err != nil {
				return err
			}
		}
		p.KeySet = statement.NewKeySet(threshold, public...)
		payload, err := statement.NewParty(p)
		if err != nil {
			return err
		}
		request, err := envelope.Sign(envelope.PayloadType, payload, signers...)
		if err != nil {
			return err
		}
		return e.writeStatement(file, request)
	})
	f := cmd.Flags()
	f.StringArrayVar(&keys, "key", nil, "private key `FILE` of the party; once for each key")
	f.IntVar(&threshold, "threshold", 0, "`NUMBER` of keys that must sign what the party says (default all)")
	f.StringVar(&p.ID, "id", "", "`ID` of the party, scheme:value")
	f.StringVar(&p.Name, "name", "", "`NAME` of the party")
	f.StringVar(&p.Incorporated, "incorporated", "", "`COUNTRY` whose law it is incorporated under, two letters")
	f.StringArrayVar(&roles, "role", nil, "`ROLE`: vendor, operator, auditor, regulator, csirt, laboratory; may be repeated")
	f.StringVar(&p.Log, "log", "", "`ORIGIN` of the log")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the request; - is standard output")
	f.StringVar(&s.server, "server", "", "`URL` of the log's server, to find the statement before this one in")
	f.StringVar(&s.trust, "trust", "", "trust `FILE`")
	f.StringVar(&s.bundle, "bundle", "", "`FILE.yurai.json` to find it in, without a server")
	return cmd
}

// nextVersion makes a party statement the next one of a party that is enrolled.
func (e *environment) nextVersion(ctx context.Context, s *speaking, p *statement.Party) error {
	sp, err := e.begin(ctx, s, true)
	if err != nil {
		return err
	}
	if err := sp.known.enrolled(p.ID); err != nil {
		return err
	}
	state := sp.known.state()
	last, _ := state.Party(p.ID)
	p.Log, p.Version, p.Prev = sp.head.Log, last.Party.Version+1, state.Prev(p.ID)
	// What fell is not asked for again.
	if now, ok := state.PartyAt(p.ID, state.Size()); ok {
		p.Identifiers, p.SpeaksFor = now.Party.Identifiers, now.Party.SpeaksFor
	}
	return nil
}

func newPartyEnrol(e *environment) *cobra.Command {
	var registrars []string
	var trustFile, state, server, file string
	cmd := leaf(e, &cobra.Command{
		Use:   "enrol request.json --registrar DIR/registrar.key [--registrar R2] [--trust T] [--state FILE] (--server URL | -o FILE)",
		Short: "Enrol a party as registrar: add signatures to its request and submit it",
		Long: `Check that a request is signed by every key that it names, add the registrar's
signatures, and submit it, or with -o write it for another registrar or for later.
Look at the request first: whoever is enrolled can sign. The receipt is verified
against the trust file, which is trust.json beside the first registrar key unless
--trust names another.`,
		Example: "  yurai party enrol request.json --registrar ledger/registrar.key --server http://127.0.0.1:8080",
	}, cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if err := require(cmd, "registrar"); err != nil {
			return err
		}
		if (server == "") == (file == "") {
			return misuse(cmd, "one of --server and --output must be given, not both")
		}
		raw, err := e.readInput(args[0], 2*envelope.MaxLeaf)
		if err != nil {
			return err
		}
		request, party, err := parseRequest(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		signers, err := readSigners(registrars)
		if err != nil {
			return err
		}
		e.vouch(party)
		if err := request.Add(signers...); err != nil {
			return err
		}
		leaf, err := request.Marshal()
		if err != nil {
			return err
		}
		if file != "" {
			return e.writeStatement(file, leaf)
		}
		if trustFile == "" {
			trustFile = filepath.Join(filepath.Dir(registrars[0]), "trust.json")
		}
		trust, err := readTrust(trustFile)
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		m := e.remember(trustFile, state, trust)
		r, err := m.reach(ctx, server, party.Log)
		if err != nil {
			return err
		}
		got, err := r.submit(ctx, trust, leaf, nil)
		if err != nil {
			return err
		}
		if err := m.committed(ctx, r, got.signed()); err != nil {
			return err
		}
		e.printf("enrolled %s: entry %d of %s\n", "%s を登録しました：%[3]s の記録 %[2]d\n", party.ID, got.evidence.Index, got.bundle.Log)
		return nil
	})
	f := cmd.Flags()
	f.StringArrayVar(&registrars, "registrar", nil, "private key `FILE` of the registrar; once for each key")
	f.StringVar(&trustFile, "trust", "", "trust `FILE` (default trust.json beside the registrar key)")
	stateFlag(cmd, &state, "")
	f.StringVar(&server, "server", "", "`URL` of the log's server")
	f.StringVarP(&file, "output", "o", "", "`FILE` for the enrolled statement instead of submitting it")
	return cmd
}

// vouch says on stderr what a registrar puts its name to: the request is the
// applicant's text, and in its file nobody can read it.
func (e *environment) vouch(p *statement.Party) {
	var keys []string
	for _, k := range p.KeySet.Keys {
		keys = append(keys, k.ID())
	}
	speaks := p.SpeaksFor
	if speaks == nil {
		speaks = []string{p.ID}
	}
	list := func(words []string) string { return strings.Join(words, ", ") }
	say := func(en, ja string, args ...any) {
		e.say(printable(fmt.Sprintf(en, args...)), printable(fmt.Sprintf(ja, args...)))
	}
	say("vouching for %s version %d: %s, incorporated in %s, roles %s, speaks for %s",
		"%s（第%d版）を証明します：%s、設立国 %s、役割 %s、代表する当事者 %s", p.ID, p.Version, p.Name, p.Incorporated, list(p.Roles), list(speaks))
	say("  %d of keys %s", "  鍵 %[2]s のうち %[1]d 個", p.KeySet.Threshold, list(keys))
	if len(p.Identifiers) > 0 {
		say("  also known as %s", "  別の識別子 %s", list(p.Identifiers))
	}
}

// parseRequest reads a request for enrolment and checks possession: every key
// that it names has signed it.
func parseRequest(raw []byte) (*envelope.Envelope, *statement.Party, error) {
	request, err := envelope.Parse(raw)
	if err != nil {
		return nil, nil, err
	}
	st, err := statement.Parse(request.Payload())
	if err != nil {
		return nil, nil, err
	}
	party, ok := st.Body.(*statement.Party)
	if !ok {
		return nil, nil, refuse("CLI-STATEMENT-KIND", "the statement is of kind %s, not party", st.Kind)
	}
	verified, err := request.Verify(party.KeySet.Keys...)
	if err != nil {
		return nil, nil, refuse("CLI-REQUEST-POSSESSION", "no key of %s has signed: %w", party.ID, err)
	}
	signed := map[string]bool{}
	for _, id := range verified.KeyIDs() {
		signed[id] = true
	}
	for _, k := range party.KeySet.Keys {
		if !signed[k.ID()] {
			return nil, nil, refuse("CLI-REQUEST-POSSESSION", "key %s of %s has not signed", k.ID(), party.ID)
		}
	}
	return request, party, nil
}

// writeStatement writes a statement to a new file, or to standard output for "-".
func (e *environment) writeStatement(file string, leaf []byte) error {
	if file == "-" {
		if _, err := e.stdout.Write(append(leaf, '\n')); err != nil {
			return refuse("CLI-FILE-UNWRITABLE", "writing to standard output: %w", err)
		}
		return nil
	}
	return keepOrCreate(file, leaf, 0o644)
}

// printf writes a result in the language; both formats take the same arguments.
func (e *environment) printf(en, ja string, args ...any) {
	fmt.Fprintf(e.stdout, e.text(en, ja), args...)
}
