package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// describing is what a registrar vouches for of a party, beside its keys.
type describing struct {
	name, incorporated            string
	roles, identifiers, speaksFor []string
}

func (d *describing) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.name, "name", "", "`NAME` of the party")
	f.StringVar(&d.incorporated, "incorporated", "", "`COUNTRY` whose law it is incorporated under, two letters")
	f.StringArrayVar(&d.roles, "role", nil, "`ROLE`: vendor, operator, auditor, regulator, csirt, laboratory; may be repeated")
	f.StringArrayVar(&d.identifiers, "identifier", nil, "`ID` that it has elsewhere, scheme:value; may be repeated")
	f.StringArrayVar(&d.speaksFor, "speaks-for", nil, "`ID` of a maker in whose name it signs; may be repeated (default its own alone)")
}

// describe writes into p what was given. A list comes in the place of the whole
// list before it, and one empty value stands for an empty list.
func (d *describing) describe(cmd *cobra.Command, p *statement.Party) {
	list := func(flag string, to *[]string, value []string) {
		switch {
		case !given(cmd, flag):
		case slices.Equal(value, []string{""}):
			*to = nil
		default:
			*to = value
		}
	}
	if given(cmd, "name") {
		p.Name = d.name
	}
	if given(cmd, "incorporated") {
		p.Incorporated = d.incorporated
	}
	list("role", &p.Roles, d.roles)
	list("identifier", &p.Identifiers, d.identifiers)
	list("speaks-for", &p.SpeaksFor, d.speaksFor)
}

func newPartyChange(e *environment) *cobra.Command {
	var s speaking
	var d describing
	var fresh []string
	var threshold int
	cmd := leaf(e, &cobra.Command{
		Use: "change --party ID (--key K … | --new NEW … [--threshold N]) [--name NAME] [--incorporated JP] [--role R …] [--identifier ID …] " +
			"[--speaks-for ID …] (--server URL | --bundle FILE.yurai.json) --trust T -o change.json",
		Short: "Apply for a new version of a party: name, country, roles, or keys when all are void",
		Long: `Write the statement that gives an enrolled party its next version, signed by every
one of its keys; the registrar signs it too and submits it with ` + "`yurai party enrol`" + `.
What is not given stays as it is; a list comes in the place of the whole list, and one
empty value stands for none.

With --key the keys stay, and all of them have to sign: others add their signatures with
` + "`yurai submit --statement change.json --key K -o signed.json`" + `. With --new new keys come in
the place of all, as the registrar alone can grant where the old ones are lost or void:
that is how a party comes back whose keys were all revoked. A revoked key never does.

The statement names the one before it, which is looked for in the log, read and
verified entry by entry, or, with --bundle, in a bundle of the party's.`,
		Example: `  yurai party change --party x:hoshino-relay --key vendor.key --name "Hoshino Relays K.K." \
      --server http://127.0.0.1:8080 --trust trust.json -o change.json`,
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "party", "trust", "output"); err != nil {
			return err
		}
		changes := slices.ContainsFunc([]string{"name", "incorporated", "role", "identifier", "speaks-for"}, func(f string) bool { return given(cmd, f) })
		switch {
		case (s.server == "") == (s.bundle == ""):
			return misuse(cmd, "one of --server and --bundle must be given, not both")
		case (len(s.keys) == 0) == (len(fresh) == 0):
			return misuse(cmd, "one of --key, for keys that stay, and --new, for keys in the place of all, must be given")
		case given(cmd, "threshold") && len(fresh) == 0:
			return misuse(cmd, "--threshold goes with --new")
		case !changes && len(fresh) == 0:
			return misuse(cmd, "nothing is to be changed")
		}
		signers, err := readSigners(append(s.keys[:len(s.keys):len(s.keys)], fresh...))
		if err != nil {
			return err
		}
		sp, err := e.begin(cmd.Context(), &s, true)
		if err != nil {
			return err
		}
		p, err := sp.known.nextVersion(s.party)
		if err != nil {
			return err
		}
		if len(fresh) > 0 {
			if p.KeySet, err = newKeySet(cmd, threshold, signers); err != nil {
				return err
			}
		} else if err := sp.known.allStay(s.party, &p, signers); err != nil {
			return err
		}
		d.describe(cmd, &p)
		p.Log, p.Made = sp.head.Log, e.now()
		payload, err := statement.NewParty(p)
		if err != nil {
			return err
		}
		request, err := envelope.Sign(envelope.PayloadType, payload, signers...)
		if err != nil {
			return err
		}
		return e.writeStatement(s.file, request)
	})
	d.flags(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&s.keys, "key", nil, "private key `FILE` of the party, whose keys all stay; once for each key")
	f.StringArrayVar(&fresh, "new", nil, "private key `FILE` that comes in the place of all keys of the party; once for each key")
	f.IntVar(&threshold, "threshold", 0, "with --new, `NUMBER` of keys that must sign what the party says (default all)")
	s.partyFlag(cmd)
	f.StringVar(&s.server, "server", "", "`URL` of the log's server, to find the statement before this one")
	f.StringVar(&s.bundle, "bundle", "", "`FILE.yurai.json` to find the statement before this one in, without a server")
	f.StringVar(&s.trust, "trust", "", "trust `FILE`")
	f.StringVarP(&s.file, "output", "o", "", "`FILE` for the request; - is standard output")
	return cmd
}

// newKeySet returns the set of the signers' keys of which threshold have to sign,
// all of them unless --threshold was given.
func newKeySet(cmd *cobra.Command, threshold int, signers []*envelope.Signer) (statement.KeySet, error) {
	if !given(cmd, "threshold") {
		threshold = len(signers)
	}
	if threshold < 1 || threshold > len(signers) {
		return statement.KeySet{}, misuse(cmd, "--threshold %d does not lie between 1 and the number of keys, %d", threshold, len(signers))
	}
	var public []envelope.Key
	for _, s := range signers {
		public = append(public, s.Key())
	}
	return statement.NewKeySet(threshold, public...), nil
}

// nextVersion returns the version of a party that comes next, which says what the
// one in force says, or if none is the last one, but for its keys.
func (k *replayed) nextVersion(who string) (statement.Party, error) {
	newest, ok := k.state().Party(who)
	if !ok {
		return statement.Party{}, k.enrolled(who)
	}
	now, ok := k.state().PartyAt(who, k.size)
	if !ok {
		now = newest
	}
	p := *now.Party
	p.Head = statement.Head{Prev: k.state().Prev(who)}
	p.Version, p.KeySet = newest.Party.Version+1, statement.KeySet{}
	return p, nil
}

// allStay gives the next version the keys that stand, none of which may be
// missing since the last change, and refuses a signer that is none of them.
func (k *replayed) allStay(who string, p *statement.Party, signers []*envelope.Signer) error {
	set, _ := k.state().KeysAt(who, k.size)
	if int64(len(set.Keys)) < set.Threshold || len(set.Keys) == 0 {
		return refuse("CLI-KEYS-VOID", "%d of the keys of %s stand, and %d have to sign", len(set.Keys), who, set.Threshold)
	}
	for _, s := range signers {
		if !set.Has(s.Key().ID()) {
			return refuse("CLI-KEY-OTHER", "key %s is none of those that stand for %s", s.Key().ID(), who)
		}
	}
	p.KeySet = set
	return nil
}
