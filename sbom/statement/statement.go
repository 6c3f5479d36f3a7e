package statement

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// Statement is a parsed statement. It is a view: what was signed are the bytes.
type Statement struct {
	Kind    Kind
	Subject Digest // of what is spoken of
	Head           // a copy of the body's
	Body    Body
}

// Actor returns the party that acts: the one party, or, where the registrar
// acts for a party, that party. It is a party id, [Registrar] or [Log].
func (s *Statement) Actor() string { return s.Party[len(s.Party)-1] }

// wire is an in-toto Statement v1 with our predicate.
type wire struct {
	Type          string         `json:"_type"`
	Subject       jsontext.Value `json:"subject"`
	PredicateType string         `json:"predicateType"`
	Predicate     jsontext.Value `json:"predicate"`
}

type wireSubject struct {
	Digest wireDigest `json:"digest"`
}

type wireDigest struct {
	SHA256 string `json:"sha256"`
}

// strict are the options of reading; times, integers and keys have one form.
var strict = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(readInteger),
		json.UnmarshalFromFunc(readTrue),
		json.UnmarshalFromFunc(readTime),
		json.UnmarshalFromFunc(readKey),
	)),
)

// plain are the options of writing.
var plain = json.JoinOptions(
	json.Deterministic(true),
	json.WithMarshalers(json.JoinMarshalers(
		json.MarshalToFunc(writeTime),
		json.MarshalToFunc(writeKey),
	)),
)

// readInteger reads digits without sign, leading zero, fraction or exponent, up
// to 2^53 − 1.
func readInteger(dec *jsontext.Decoder, n *int64) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	i, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || i < 0 || i > maxInteger || strconv.FormatInt(i, 10) != string(v) {
		return refuseMember("%s is not an integer from 0 to 2^53 - 1", clip(string(v)))
	}
	*n = i
	return nil
}

// readTrue reads true: what is not so is absent.
func readTrue(dec *jsontext.Decoder, b *bool) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if string(v) != "true" {
		return refuseMember("%s is not true; what is not so is absent", clip(string(v)))
	}
	*b = true
	return nil
}

func readTime(dec *jsontext.Decoder, t *time.Time) error {
	var s string
	if err := json.UnmarshalDecode(dec, &s); err != nil {
		return err
	}
	parsed, err := ParseTime(s)
	*t = parsed
	return err
}

func writeTime(enc *jsontext.Encoder, t time.Time) error {
	return enc.WriteToken(jsontext.String(FormatTime(t)))
}

func readKey(dec *jsontext.Decoder, k *envelope.Key) error {
	var w wireKey
	if err := json.UnmarshalDecode(dec, &w); err != nil {
		return err
	}
	key, err := w.key()
	*k = key
	return err
}

func writeKey(enc *jsontext.Encoder, k envelope.Key) error {
	return json.MarshalEncode(enc, struct {
		Algorithm string `json:"algorithm"`
		SPKI      []byte `json:"spki"`
	}{k.Algorithm(), k.SPKI()})
}

// Parse reads a payload: strict JSON, an in-toto Statement v1 with one subject,
// one of our predicates, no unknown member, and every member within its
// grammar. It refuses with a STATEMENT code, or a KEY code for a key in the
// body; the refusal of what a newer program may know wraps [ErrNewer].
func Parse(payload []byte) (*Statement, error) {
	if len(payload) > MaxPayload {
		return nil, sbom.Refuse("STATEMENT-SIZE-LIMIT", "the statement has %d bytes, more than %d", len(payload), MaxPayload)
	}
	if _, r := sbom.Scan(payload, sbom.Limits{Bytes: MaxPayload, Depth: maxDepth, Findings: 1}); r != nil {
		return nil, sbom.Refuse("STATEMENT-JSON-INVALID", "the statement is not strict JSON: %w", r).At(r.Pointer, r.Line)
	}
	var w wire
	if err := json.Unmarshal(payload, &w, strict); err != nil {
		return nil, refuseDecode(err, "")
	}
	if w.Type != StatementType {
		return nil, sbom.Refuse("STATEMENT-TYPE-FOREIGN", "_type %q is not %s", clip(w.Type), StatementType).At("/_type", 0)
	}
	kind, r := parseType(w.PredicateType)
	if r != nil {
		return nil, r
	}
	if r := refuseNothing(payload); r != nil {
		return nil, r
	}
	if len(w.Predicate) > MaxBody {
		return nil, refuseBody(len(w.Predicate))
	}
	if w.Predicate.Kind() != '{' {
		return nil, refuseMember("the statement has no predicate").At("/predicate", 0)
	}
	var subjects []wireSubject
	if err := json.Unmarshal(w.Subject, &subjects, strict); err != nil {
		return nil, refuseDecode(err, "/subject")
	}
	if len(subjects) != 1 {
		return nil, refuseMember("the statement has %d subjects, not one", len(subjects)).At("/subject", 0)
	}
	subject, ok := parseHex(subjects[0].Digest.SHA256)
	if !ok {
		return nil, sbom.Refuse("STATEMENT-DIGEST-MALFORMED", "%q is not the 64 lower-case hex digits of a digest", clip(subjects[0].Digest.SHA256)).At("/subject/0/digest/sha256", 0)
	}
	body := newBody(kind)
	if err := json.Unmarshal(w.Predicate, body, strict); err != nil {
		return nil, refuseDecode(err, "/predicate")
	}
	body.setSubject(subject)
	if r := body.check(); r != nil {
		return nil, r.At("/predicate"+r.Pointer, 0)
	}
	if body.subject() != subject {
		return nil, sbom.Refuse("STATEMENT-SUBJECT-WRONG", "the subject is not what a statement of kind %s speaks of", kind).At("/subject", 0)
	}
	return &Statement{Kind: kind, Subject: subject, Head: *body.head(), Body: body}, nil
}

// newBody returns an empty body. A number that may be zero begins as −1, so
// that a missing one is seen.
func newBody(kind Kind) Body {
	switch kind {
	case KindGenesis:
		return new(Genesis)
	case KindAdmission:
		return new(Admission)
	case KindParty:
		return new(Party)
	case KindBOM:
		return &BOM{Version: -1}
	case KindKeys:
		return new(Keys)
	case KindDelegate:
		return new(Delegate)
	case KindRevoke:
		return new(Revoke)
	case KindSuspend:
		return new(Suspend)
	case KindWithdraw:
		return &Withdraw{Position: Position{Index: -1}}
	case KindAdvisory:
		return new(Advisory)
	case KindList:
		return new(List)
	case KindAttestation:
		return new(Attestation)
	case KindTrust:
		return new(Trust)
	case KindPolicy:
		return new(Policy)
	case KindVerdict:
		return new(Verdict)
	case KindDecision:
		return new(Decision)
	case KindProfile:
		return new(Profile)
	case KindFreeze:
		return new(Freeze)
	default:
		return &Status{Advisories: Advisories{Count: -1}}
	}
}

// refuseNothing refuses null and empty strings, arrays and objects wherever
// they stand: what there is not is absent, and has no second form.
func refuseNothing(payload []byte) *sbom.Refusal {
	if !mayHoldNothing(payload) {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(payload))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil // the end: the scan has read all of it before
		}
		empty := false
		switch tok.Kind() {
		case 'n':
			empty = true
		case '"':
			empty = tok.String() == ""
		case '}', ']':
			continue
		case '{', '[':
			next := dec.PeekKind()
			empty = next == '}' || next == ']'
		}
		if empty {
			return refuseMember("a member without a value is absent, not null or empty").At(string(dec.StackPointer()), 0)
		}
	}
}

// mayHoldNothing reports whether bytes of strict JSON have what null or anything
// empty is written with. Inside a string that means nothing yet.
func mayHoldNothing(payload []byte) bool {
	open := false // behind a bracket, and white space at most
	for i, c := range payload {
		switch c {
		case ' ', '\t', '\n', '\r':
			continue
		case '"':
			if i > 0 && payload[i-1] == '"' {
				return true
			}
		case '}', ']':
			if open {
				return true
			}
		}
		open = c == '{' || c == '['
	}
	return bytes.Contains(payload, []byte("null"))
}

// refuseDecode maps an error of the decoder to a refusal with its place.
func refuseDecode(err error, base string) *sbom.Refusal {
	pointer := base
	var where *json.SemanticError
	if errors.As(err, &where) {
		pointer += string(where.JSONPointer)
	}
	var r *sbom.Refusal
	if errors.As(err, &r) {
		return r.At(pointer, 0)
	}
	if errors.Is(err, json.ErrUnknownName) {
		return sbom.Refuse("STATEMENT-MEMBER-UNKNOWN", "the statement has a member that its kind does not know").At(pointer, 0)
	}
	if where != nil {
		// Its own text says the place again, and Go's types.
		if where.Err == nil {
			return refuseMember("the member is not of the type that its kind has there").At(pointer, 0)
		}
		err = where.Err
	}
	return refuseMember("the statement does not have the members of its kind: %w", err).At(pointer, 0)
}

func refuseBody(n int) *sbom.Refusal {
	return sbom.Refuse("STATEMENT-BODY-LIMIT", "the body has %d bytes, more than %d", n, MaxBody).At("/predicate", 0)
}

// NewGenesis returns the payload of a genesis. Party is filled in.
func NewGenesis(g Genesis) ([]byte, error) {
	g.Party = []string{Registrar}
	return build(&g)
}

// NewAdmission returns the payload of an admission. Party is filled in, lists
// are sorted.
func NewAdmission(a Admission) ([]byte, error) {
	a.Party = []string{Registrar}
	a.Kinds, a.Algorithms = sorted(a.Kinds), sorted(a.Algorithms)
	a.Evidence, a.Limits.SpecVersions = sorted(a.Evidence), sorted(a.Limits.SpecVersions)
	return build(&a)
}

// NewParty returns the payload of a party statement. Party is filled in, lists
// and keys are sorted.
func NewParty(p Party) ([]byte, error) {
	p.Party = []string{Registrar, p.ID}
	p.Identifiers, p.Roles, p.SpeaksFor = sorted(p.Identifiers), sorted(p.Roles), sorted(p.SpeaksFor)
	p.KeySet = NewKeySet(int(p.KeySet.Threshold), p.KeySet.Keys...)
	return build(&p)
}

// NewBOM returns the payload of a bom statement. Party is the one that acts.
func NewBOM(b BOM) ([]byte, error) { return build(&b) }

// NewStatus returns the payload of a status. Party is filled in.
func NewStatus(s Status) ([]byte, error) {
	s.Party = []string{Log}
	return build(&s)
}

// NewKeys returns the payload of a rotation. Party is the one whose keys they
// are; keys are sorted.
func NewKeys(k Keys) ([]byte, error) {
	k.KeySet = NewKeySet(int(k.KeySet.Threshold), k.KeySet.Keys...)
	return build(&k)
}

// NewDelegate returns the payload of a delegation. Party is the one that
// delegates; lists are sorted.
func NewDelegate(d Delegate) ([]byte, error) {
	d.Scope.Kinds, d.Scope.Products = sorted(d.Scope.Kinds), sorted(d.Scope.Products)
	d.End = d.End.UTC().Truncate(time.Second)
	return build(&d)
}

// NewRevoke returns the payload of a revocation. Party is the one that acts: Of
// or the registrar.
func NewRevoke(r Revoke) ([]byte, error) { return build(&r) }

// NewSuspend returns the payload of a suspension, or of its end. Party is the
// one that acts: a regulator or the registrar.
func NewSuspend(s Suspend) ([]byte, error) { return build(&s) }

// NewWithdraw returns the payload of a withdrawal. Party is the one that acts.
func NewWithdraw(w Withdraw) ([]byte, error) { return build(&w) }

// NewAdvisory returns the payload of an advisory. Party is the one that acts.
func NewAdvisory(a Advisory) ([]byte, error) {
	a.Effective, a.Expires = a.Effective.UTC().Truncate(time.Second), a.Expires.UTC().Truncate(time.Second)
	return build(&a)
}

// NewList returns the payload of a list statement. Party is the owner.
func NewList(l List) ([]byte, error) { return build(&l) }

// NewAttestation returns the payload of an attestation. Party is the one that
// attests.
func NewAttestation(a Attestation) ([]byte, error) { return build(&a) }

// sorted returns a sorted copy without repetition, nil for an empty list.
func sorted[T ~string](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// build writes the payload: members in the order of the fields, no white space.
func build(body Body) ([]byte, error) {
	h := body.head()
	if h.Made = h.Made.UTC().Truncate(time.Second); h.Made.IsZero() {
		return nil, refuseMember("made is missing").At("/predicate/made", 0)
	}
	if r := body.check(); r != nil {
		return nil, r.At("/predicate"+r.Pointer, 0)
	}
	predicate, err := json.Marshal(body, plain)
	if err != nil {
		return nil, refuseMember("the statement cannot be written: %w", err)
	}
	if len(predicate) > MaxBody {
		return nil, refuseBody(len(predicate))
	}
	return json.Marshal(struct {
		Type          string         `json:"_type"`
		Subject       []wireSubject  `json:"subject"`
		PredicateType string         `json:"predicateType"`
		Predicate     jsontext.Value `json:"predicate"`
	}{
		StatementType,
		[]wireSubject{{wireDigest{body.subject().Hex()}}},
		body.Kind().PredicateType(), predicate,
	}, plain)
}
