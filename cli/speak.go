package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// speaking is who makes a statement and where it goes.
type speaking struct {
	keys       []string
	registrars []string
	party      string
	log        string
	bundle     string
	server     string
	trust      string
	file       string
	receipt    string // file for the bundle that is the receipt, "" for none
}

// said is what a statement does, for the line that is printed when it is in the
// log. Both texts name what it is about.
type said struct{ en, ja string }

// flags adds what every command has that makes a statement.
func (s *speaking) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&s.keys, "key", nil, "private key `FILE` of the party; once for each key")
	f.StringVar(&s.server, "server", "", "`URL` of the log's server")
	f.StringVar(&s.trust, "trust", "", "trust `FILE` (with --registrar, default trust.json beside the first key)")
	f.StringVarP(&s.file, "output", "o", "", "`FILE` for the statement, which is then not submitted; - is standard output")
}

// registrarFlag adds --registrar, where the registrar may act.
func (s *speaking) registrarFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.registrars, "registrar", nil, "private key `FILE` of the registrar, who then acts; once for each key")
}

// partyFlag adds --party.
func (s *speaking) partyFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.party, "party", "", "`ID` of the party that acts")
}

// chainFlag adds --bundle, for statements that name the one before them.
func (s *speaking) chainFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.bundle, "bundle", "", "with -o, `FILE.yurai.json` to find the statement before this one in, without a server")
}

// logFlag adds --log, for statements that name none before them.
func (s *speaking) logFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.log, "log", "", "with -o, `ORIGIN` of the log, without a server")
}

// check refuses flags that do not go together.
func (s *speaking) check(cmd *cobra.Command) error {
	has := func(flag string) bool { return cmd.Flags().Lookup(flag) != nil }
	switch {
	case len(s.registrars) > 0 && (len(s.keys) > 0 || s.party != ""):
		return misuse(cmd, "--registrar acts as the registrar: --key and --party do not go with it")
	case len(s.registrars) == 0 && len(s.keys) == 0:
		return misuse(cmd, "--key or --registrar must be given")
	case len(s.registrars) == 0 && has("party") && s.party == "":
		return misuse(cmd, "--party must be given")
	case s.server == "" && s.file == "":
		return misuse(cmd, "--server or --output must be given")
	case s.server == "" && has("log") && s.log == "":
		return misuse(cmd, "--server or --log must be given")
	case s.server == "" && has("bundle") && s.bundle == "":
		return misuse(cmd, "--server or --bundle must be given")
	}
	if s.trust == "" && len(s.registrars) > 0 {
		s.trust = filepath.Join(filepath.Dir(s.registrars[0]), "trust.json")
	}
	if s.trust == "" && (s.server != "" || s.bundle != "") {
		return misuse(cmd, "--trust must be given")
	}
	return nil
}

// actor returns who acts.
func (s *speaking) actor() string {
	if len(s.registrars) > 0 {
		return statement.Registrar
	}
	return s.party
}

// signers reads the keys of who acts.
func (s *speaking) signers() ([]*envelope.Signer, error) {
	return readSigners(append(s.registrars[:len(s.registrars):len(s.registrars)], s.keys...))
}

// begin returns the head of a statement of who acts, the trust file and server
// that go with it (nil without), and, where chained, what is known of the log.
func (e *environment) begin(ctx context.Context, s *speaking, chained bool) (*speech, error) {
	sp := &speech{head: statement.Head{Party: []string{s.actor()}, Made: e.now()}}
	if s.trust != "" && (s.server != "" || s.bundle != "") {
		var err error
		if sp.trust, err = readTrust(s.trust); err != nil {
			return nil, err
		}
	}
	switch {
	case s.server != "":
		r, err := e.contact(ctx, s.server, s.trust, sp.trust)
		if err != nil {
			return nil, err
		}
		sp.remote, sp.head.Log = r, r.log.Origin
		if s.log != "" && s.log != sp.head.Log {
			return nil, ledger.Refuse("TRUST-LOG-UNKNOWN", "%s serves log %q, not %q", r.base, sp.head.Log, printable(s.log))
		}
		if chained {
			sp.known, err = r.replay(ctx, r.cp)
			return sp, err
		}
	case s.bundle != "":
		h, err := e.readBundle(s.bundle, sp.trust)
		if err != nil {
			return nil, err
		}
		sp.head.Log = h.bundle.Log
		sp.known, err = replayBundle(h)
		return sp, err
	default:
		sp.head.Log = s.log
	}
	return sp, nil
}

// speech is a statement in the making.
type speech struct {
	head   statement.Head
	trust  *ledger.Trust
	remote *contact
	known  *replayed
}

// utter signs a payload, and writes the statement or submits it and verifies the
// receipt. Only then it says what was done.
func (e *environment) utter(ctx context.Context, s *speaking, sp *speech, payload []byte, what said, signers ...*envelope.Signer) error {
	leaf, err := envelope.Sign(envelope.PayloadType, payload, signers...)
	if err != nil {
		return err
	}
	return e.hand(ctx, s, sp, leaf, what)
}

// hand writes a signed statement, or submits it and verifies the receipt.
func (e *environment) hand(ctx context.Context, s *speaking, sp *speech, leaf []byte, what said) error {
	if s.file != "" {
		if err := e.writeStatement(s.file, leaf); err != nil {
			return err
		}
		if s.file != "-" {
			e.printf("%s\n", "%s\n", s.file)
		}
		return nil
	}
	got, err := sp.remote.submit(ctx, sp.trust, leaf)
	if err != nil {
		return err
	}
	e.receipt(what, got)
	if s.receipt == "" {
		return nil
	}
	if err := sp.remote.memory.keepNewer(ctx, sp.remote.remote, s.receipt, got.held); err != nil {
		return err
	}
	e.say(s.receipt+": the bundle that proves it", s.receipt+"：これを証明する証明束です")
	return nil
}

// receipt says what is now in the log.
func (e *environment) receipt(what said, got receipt) {
	text := printable(e.text(what.en, what.ja))
	if got.duplicate {
		e.printf("%s: entry %d of %s, there already\n", "%s：%[3]s の記録 %[2]d として登録済みです\n", text, got.evidence.Index, got.bundle.Log)
		return
	}
	e.printf("%s: entry %d of %s\n", "%s：%[3]s の記録 %[2]d\n", text, got.evidence.Index, got.bundle.Log)
}

// readBundle reads and verifies a bundle that somebody handed over. What is
// false in it ends the command as `verify` does.
func (e *environment) readBundle(file string, trust *ledger.Trust) (held, error) {
	raw, err := e.readInput(file, receiving.MaxBundle+1)
	if err != nil {
		return held{}, err
	}
	return e.openHeld(file, raw, trust)
}

// openHeld parses and verifies the bytes of a bundle's file.
func (e *environment) openHeld(file string, raw []byte, trust *ledger.Trust) (held, error) {
	bundle, err := receiving.ParseBundle(raw)
	if err != nil {
		return held{}, fmt.Errorf("%s: %w", file, err)
	}
	ev, err := receiving.Open(bundle, trust)
	if err != nil {
		e.complainAbout(file, err)
		return held{}, end(exitOfBundle(err))
	}
	return held{raw, bundle, ev}, nil
}

// submitStatement submits a statement that needs no file beside it, with the
// signatures of more keys if any are given, or writes it with them.
func (e *environment) submitStatement(cmd *cobra.Command, statementFile, server, trustFile, file string, keys []string) error {
	raw, err := e.readInput(statementFile, 2*envelope.MaxLeaf)
	if err != nil {
		return err
	}
	env, err := envelope.Parse(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", statementFile, err)
	}
	st, err := statement.Parse(env.Payload())
	if err != nil {
		return fmt.Errorf("%s: %w", statementFile, err)
	}
	if st.Kind == statement.KindBOM {
		return refuse("CLI-STATEMENT-BOM", "%s is of kind bom", statementFile)
	}
	signers, err := readSigners(keys)
	if err != nil {
		return err
	}
	if len(signers) > 0 {
		if err := env.Add(signers...); err != nil {
			return err
		}
	}
	leaf, err := env.Marshal()
	if err != nil {
		return err
	}
	if file != "" {
		return e.writeStatement(file, leaf)
	}
	trust, err := readTrust(trustFile)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	r, err := e.reach(ctx, server, trustFile, trust, st.Log)
	if err != nil {
		return err
	}
	got, err := r.submit(ctx, trust, leaf)
	if err != nil {
		return err
	}
	e.receipt(said{string(st.Kind) + " of " + st.Actor(), st.Actor() + " の " + string(st.Kind)}, got)
	return nil
}
