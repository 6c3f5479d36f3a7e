package statement

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/yurai-ledger/yurai/sbom"
)

// Kind is what a statement says.
type Kind string

// The kinds that this program reads and writes.
const (
	KindGenesis   Kind = "genesis"
	KindAdmission Kind = "admission"
	KindParty     Kind = "party"
	KindBOM       Kind = "bom"
	KindStatus    Kind = "status" // travels in bundles, never a leaf
	KindTrust     Kind = "trust"  // travels in updates of trust files, never a leaf

	KindKeys        Kind = "keys"
	KindDelegate    Kind = "delegate"
	KindRevoke      Kind = "revoke"
	KindSuspend     Kind = "suspend"
	KindWithdraw    Kind = "withdraw"
	KindAdvisory    Kind = "advisory"
	KindList        Kind = "list"
	KindAttestation Kind = "attestation"
	KindPolicy      Kind = "policy"
	KindVerdict     Kind = "verdict"
	KindDecision    Kind = "decision"
	KindProfile     Kind = "profile"
	KindFreeze      Kind = "freeze"
)

// Types of an in-toto Statement v1 of ours.
const (
	StatementType = "https://in-toto.io/Statement/v1"
	predicateBase = "https://github.com/yurai-ledger/yurai/"
)

// versions holds the predicate version of each kind that is built.
var versions = map[Kind]int{
	KindGenesis: 1, KindAdmission: 1, KindParty: 1, KindBOM: 1, KindStatus: 1,
	KindKeys: 1, KindDelegate: 1, KindRevoke: 1, KindSuspend: 1, KindWithdraw: 1,
	KindAdvisory: 1, KindList: 1, KindAttestation: 1, KindTrust: 1,
	KindPolicy: 1, KindVerdict: 1, KindDecision: 1, KindProfile: 1, KindFreeze: 1,
}

// Admissible returns the kinds that an admission may take, ascending: all that
// are built but genesis, admission and freeze, which are always taken, and status
// and trust, which never are.
func Admissible() []Kind {
	return []Kind{
		KindAdvisory, KindAttestation, KindBOM, KindDecision, KindDelegate, KindKeys, KindList,
		KindParty, KindPolicy, KindProfile, KindRevoke, KindSuspend, KindVerdict, KindWithdraw,
	}
}

// ErrNewer is wrapped by the refusal of a kind, a version, a rules number or a
// word that a newer program may know. Writing refuses such a statement, a
// replay stops at it, a check holds: it is never skipped.
var ErrNewer = errors.New("newer program needed")

// PredicateType returns the kind's predicateType.
func (k Kind) PredicateType() string {
	return predicateBase + string(k) + "/v" + strconv.Itoa(versions[k])
}

// parseType returns the kind that a predicateType names. A type of somebody
// else's is STATEMENT-TYPE-FOREIGN; one of ours that is not built here wraps
// ErrNewer: STATEMENT-KIND-NEWER or STATEMENT-VERSION-NEWER.
func parseType(predicateType string) (Kind, *sbom.Refusal) {
	foreign := sbom.Refuse("STATEMENT-TYPE-FOREIGN", "predicate type %q is none of this ledger's", clip(predicateType)).At("/predicateType", 0)
	rest, ok := strings.CutPrefix(predicateType, predicateBase)
	name, version, found := strings.Cut(rest, "/v")
	if !ok || !found || !matches(name, 1, 32, isLower, isLowerDigitDash) {
		return "", foreign
	}
	n, err := strconv.Atoi(version)
	if err != nil || n < 1 || strconv.Itoa(n) != version {
		return "", foreign
	}
	known, ok := versions[Kind(name)]
	if !ok {
		return "", sbom.Refuse("STATEMENT-KIND-NEWER", "kind %q is not known here: %w", name, ErrNewer).At("/predicateType", 0)
	}
	if n != known {
		return "", sbom.Refuse("STATEMENT-VERSION-NEWER", "version %d of kind %s is not known here: %w", n, name, ErrNewer).At("/predicateType", 0)
	}
	return Kind(name), nil
}

// words is an enumeration of the format.
type words []string

func (w words) check(what, word string) *sbom.Refusal {
	if !slices.Contains(w, word) {
		return refuseMember("%s %q is none of %s", what, clip(word), strings.Join(w, ", "))
	}
	return nil
}

// The roles of a party.
const (
	RoleVendor     = "vendor"
	RoleRegulator  = "regulator"
	RoleCSIRT      = "csirt"
	RoleOperator   = "operator"
	RoleAuditor    = "auditor"
	RoleLaboratory = "laboratory"
)

// Whether a BOM's bytes are served to everybody, or stored and served to nobody.
const (
	DisclosureOpen = "open"
	DisclosureHeld = "held"
)

// Why a BOM takes the place of another: a correction holds the old one, a
// revision notes it.
const (
	ReasonCorrection = "correction"
	ReasonRevision   = "revision"
)

// What a revocation takes away.
const (
	TargetKey      = "key"      // one key of a party, of the registrar or of the log
	TargetDelegate = "delegate" // one delegate's key
	TargetParty    = "party"    // a party with all its keys
)

// Why something is revoked. The reason changes nothing: invalidFrom does.
const (
	RevokeCeased     = "ceased"
	RevokeCompromise = "compromise"
	RevokeRetired    = "retired"
)

// How grave an advisory is: a ban rejects, a recall holds, a notice notes.
const (
	SeverityBan    = "ban"
	SeverityNotice = "notice"
	SeverityRecall = "recall"
)

var (
	targets     = words{TargetDelegate, TargetKey, TargetParty}
	revocations = words{RevokeCeased, RevokeCompromise, RevokeRetired}
	severities  = words{SeverityBan, SeverityNotice, SeverityRecall}
	roles       = words{RoleAuditor, RoleCSIRT, RoleLaboratory, RoleOperator, RoleRegulator, RoleVendor}
	disclosures = words{DisclosureOpen, DisclosureHeld}
	reasons     = words{ReasonCorrection, ReasonRevision}
)
