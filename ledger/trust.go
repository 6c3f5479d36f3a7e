package ledger

import (
	"crypto/sha256"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// TrustFormat is the "format" member of a trust file.
const TrustFormat = "yurai-trust/1"

// Trust is whom an operator trusts: the operator's own file, never fetched on
// first use.
type Trust struct {
	Version int64     // counts up with each update
	Expires time.Time // UTC; after it every verdict holds
	Logs    []TrustedLog
	// Witnesses have to have cosigned checkpoints of these logs; nil demands none.
	Witnesses *WitnessPolicy
	Policy    *PolicyPin // nil if no policy is pinned
	Digest    Hash       // SHA-256 of the file's bytes
}

// TrustedLog is one log and the keys that must all sign its checkpoints.
type TrustedLog struct {
	Origin  string
	Genesis Hash // leaf hash of entry 0
	Keys    []*Verifier
}

// PolicyPin names the policy that verdicts must rest on.
type PolicyPin struct {
	ID      string `json:"id"`
	Signer  string `json:"signer"`  // party whose policy it is
	Version int64  `json:"version"` // the least version
}

type trustFile struct {
	Format    string         `json:"format"`
	Version   int64          `json:"version"`
	Expires   string         `json:"expires"`
	Logs      []trustLog     `json:"logs"`
	Witnesses jsontext.Value `json:"witnesses,omitzero"` // a string: text of c2sp.org/tlog-policy
	Policy    *PolicyPin     `json:"policy,omitzero"`
	Lists     []trustList    `json:"lists,omitzero"`
}

type trustLog struct {
	Origin  string   `json:"origin"`
	Genesis Hash     `json:"genesis"`
	Keys    []string `json:"keys"`
	Require string   `json:"require"`
}

type trustList struct {
	ID     string `json:"id"`
	Signer string `json:"signer"`
}

// Marshal returns the trust file's bytes, which ParseTrust reads. It sets Digest.
func (t *Trust) Marshal() ([]byte, error) {
	f := trustFile{Format: TrustFormat, Version: t.Version, Expires: t.Expires.UTC().Format(time.RFC3339), Policy: t.Policy}
	for _, l := range t.Logs {
		tl := trustLog{Origin: l.Origin, Genesis: l.Genesis, Require: "all"}
		for _, k := range l.Keys {
			tl.Keys = append(tl.Keys, k.String())
		}
		f.Logs = append(f.Logs, tl)
	}
	if t.Witnesses != nil {
		var err error
		if f.Witnesses, err = jsontext.AppendQuote(nil, t.Witnesses.String()); err != nil {
			return nil, Refuse("TRUST-WITNESS-MALFORMED", "the witness policy is not UTF-8, and cannot stand in a trust file")
		}
	}
	b, err := json.Marshal(f, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	b = append(b, '\n')
	t.Digest = sha256.Sum256(b)
	return b, nil
}

// ParseTrust reads a trust file. It refuses another format or a newer number
// (TRUST-FORMAT-UNKNOWN), and with TRUST-FILE-MALFORMED: unknown or doubled
// members, no log, a log named twice, keys that are not its own, fewer than one
// Ed25519 key, one key twice, any "require" but "all". The witness policy is refused
// as [ParseWitnessPolicy] says, and with TRUST-WITNESS-LOG if a witness has a key of
// one of the logs. Reference lists are refused with TRUST-LIST-UNSUPPORTED: a demand
// that cannot be checked is not passed over.
func ParseTrust(raw []byte) (*Trust, error) {
	if len(raw) > MaxTrust {
		return nil, Refuse("TRUST-FILE-MALFORMED", "trust file of %d bytes is over the limit of %d", len(raw), MaxTrust)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, Refuse("TRUST-FILE-MALFORMED", "trust file is not strict JSON: %w", err)
	}
	if head.Format != TrustFormat {
		return nil, Refuse("TRUST-FORMAT-UNKNOWN", "trust file has format %q, this program reads %q", clip(head.Format), TrustFormat)
	}
	var f trustFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, Refuse("TRUST-FILE-MALFORMED", "trust file: %w", err)
	}
	expires, err := time.Parse("2006-01-02T15:04:05Z", f.Expires)
	if err != nil || f.Version < 1 || len(f.Logs) == 0 {
		return nil, Refuse("TRUST-FILE-MALFORMED", "trust file needs a version from 1, an expiry in UTC seconds and a log")
	}
	t := &Trust{Version: f.Version, Expires: expires, Policy: f.Policy, Digest: sha256.Sum256(raw)}
	if f.Witnesses != nil {
		var text *string
		if err := json.Unmarshal(f.Witnesses, &text); err != nil || text == nil {
			return nil, Refuse("TRUST-FILE-MALFORMED", "the witnesses of the trust file are no string")
		}
		if t.Witnesses, err = ParseWitnessPolicy(*text); err != nil {
			return nil, err
		}
	}
	if len(f.Lists) > 0 {
		return nil, Refuse("TRUST-LIST-UNSUPPORTED", "trust file names reference lists, which this program cannot read")
	}
	if p := f.Policy; p != nil && (p.ID == "" || p.Version < 1) {
		return nil, Refuse("TRUST-FILE-MALFORMED", "the pinned policy needs an id and a version from 1")
	}
	for _, l := range f.Logs {
		log, err := trustedLog(l)
		if err != nil {
			return nil, err
		}
		if _, twice := t.Log(log.Origin); twice {
			return nil, Refuse("TRUST-FILE-MALFORMED", "log %q is named twice", log.Origin)
		}
		if err := t.Witnesses.CheckLog(log.Keys...); err != nil {
			return nil, err
		}
		t.Logs = append(t.Logs, log)
	}
	return t, nil
}

func trustedLog(l trustLog) (TrustedLog, error) {
	if err := CheckOrigin(l.Origin); err != nil {
		return TrustedLog{}, err
	}
	malformed := func(why string) error {
		return Refuse("TRUST-FILE-MALFORMED", "log %q in the trust file %s", l.Origin, why)
	}
	if l.Require != "all" {
		return TrustedLog{}, malformed(`must have "require": "all"`)
	}
	if l.Genesis.IsZero() {
		return TrustedLog{}, malformed("has no genesis")
	}
	log := TrustedLog{Origin: l.Origin, Genesis: l.Genesis}
	seen := map[string]bool{}
	ed := false
	for _, k := range l.Keys {
		v, err := ParseVerifier(k)
		if err != nil {
			return TrustedLog{}, err
		}
		if v.Origin() != l.Origin {
			return TrustedLog{}, malformed("has a key of another log")
		}
		if seen[k] {
			return TrustedLog{}, malformed("has one key twice")
		}
		seen[k] = true
		ed = ed || v.Algorithm() == Ed25519
		log.Keys = append(log.Keys, v)
	}
	if !ed || len(log.Keys) > 8 {
		return TrustedLog{}, malformed("needs an Ed25519 key and at most eight keys")
	}
	return log, nil
}

// Log returns the trusted log with this origin.
func (t *Trust) Log(origin string) (TrustedLog, bool) {
	for _, l := range t.Logs {
		if l.Origin == origin {
			return l, true
		}
	}
	return TrustedLog{}, false
}
