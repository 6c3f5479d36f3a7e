package statement

import "github.com/yurai-ledger/yurai/sbom"

// Trust is the registrar's word that certain bytes are the trust file that
// operators are to use next. The bytes say all else: version, end, logs.
type Trust struct {
	Head
	File Digest `json:"-"` // SHA-256 of the trust file's bytes; the statement's subject
}

// NewTrust returns the payload of a trust statement. Party is filled in.
func NewTrust(t Trust) ([]byte, error) {
	t.Party = []string{Registrar}
	return build(&t)
}

// Kind returns trust.
func (*Trust) Kind() Kind { return KindTrust }

func (t *Trust) subject() Digest     { return t.File }
func (t *Trust) setSubject(d Digest) { t.File = d }

func (t *Trust) check() *sbom.Refusal {
	if r := t.Head.check(KindTrust, Registrar); r != nil {
		return r
	}
	if t.File.IsZero() {
		return refuseMember("the digest of the trust file is missing")
	}
	return nil
}
