package statement

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

// TestParseRefuses edits built statements as text: each edit is one fault.
func TestParseRefuses(t *testing.T) {
	built := payloads(t)
	const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
	key := base64.StdEncoding.EncodeToString(signer(t, envelope.Ed25519, "vendor").Key().SPKI())
	for _, c := range []struct {
		name, kind, old, new, code string
	}{
		{"trailing", "bom", `"disclosure":"open"}}`, `"disclosure":"open"}} {}`, "STATEMENT-JSON-INVALID"},
		{"truncated", "bom", `"disclosure":"open"}}`, `"disclosure":"open"}`, "STATEMENT-JSON-INVALID"},
		{"duplicate member", "bom", `"size":1234`, `"size":1234,"size":1234`, "STATEMENT-JSON-INVALID"},
		{"case variant beside", "bom", `"size":1234`, `"size":1234,"Size":1234`, "STATEMENT-JSON-INVALID"},
		{"case variant alone", "bom", `"size":1234`, `"Size":1234`, "STATEMENT-MEMBER-UNKNOWN"},
		{"not UTF-8", "bom", `HR-87T`, "HR-\xff", "STATEMENT-JSON-INVALID"},
		{"lone surrogate", "bom", `HR-87T`, `HR-\ud800`, "STATEMENT-JSON-INVALID"},
		{"byte order mark", "bom", `{"_type"`, "\xef\xbb\xbf{\"_type\"", "STATEMENT-JSON-INVALID"},
		{"deep", "bom", `"size":1234`, `"size":` + strings.Repeat("[", 40) + strings.Repeat("]", 40), "STATEMENT-JSON-INVALID"},

		{"other _type", "bom", "Statement/v1", "Statement/v0.1", "STATEMENT-TYPE-FOREIGN"},
		{"foreign predicate", "bom", "https://github.com/yurai-ledger/yurai/bom/v1", "https://cyclonedx.org/bom", "STATEMENT-TYPE-FOREIGN"},
		{"other owner", "bom", "github.com/yurai-ledger", "github.com/yurai-ledger2", "STATEMENT-TYPE-FOREIGN"},
		{"no version", "bom", "/bom/v1", "/bom", "STATEMENT-TYPE-FOREIGN"},
		{"version with a zero", "bom", "/bom/v1", "/bom/v01", "STATEMENT-TYPE-FOREIGN"},
		{"version zero", "bom", "/bom/v1", "/bom/v0", "STATEMENT-TYPE-FOREIGN"},
		{"kind in capitals", "bom", "/bom/v1", "/BOM/v1", "STATEMENT-TYPE-FOREIGN"},
		{"newer version", "bom", "/bom/v1", "/bom/v2", "STATEMENT-VERSION-NEWER"},
		{"kind not built", "bom", "/bom/v1", "/shipment/v1", "STATEMENT-KIND-NEWER"},
		{"kind nobody knows", "bom", "/bom/v1", "/sbom-2/v7", "STATEMENT-KIND-NEWER"},
		{"another kind", "bom", "/bom/v1", "/party/v1", "STATEMENT-MEMBER-UNKNOWN"},
		{"party as admission", "party", "/party/v1", "/admission/v1", "STATEMENT-MEMBER-UNKNOWN"},

		{"member beside predicate", "bom", `"predicate":`, `"x":1,"predicate":`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in predicate", "bom", `"size":1234`, `"size":1234,"country":"JP"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in product", "bom", `"name":"HR-87T"`, `"name":"HR-87T","sku":"1"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in position", "bom", `"index":0`, `"index":0,"size":1`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in subject", "bom", `"subject":[{`, `"subject":[{"name":"f",`, "STATEMENT-MEMBER-UNKNOWN"},
		{"second digest", "bom", `"digest":{`, `"digest":{"sha1":"00",`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in key", "party", `"algorithm":"ed25519"`, `"algorithm":"ed25519","use":"sign"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in key set", "party", `"threshold":1`, `"threshold":1,"keyid":"x"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"member in founders", "genesis", `"parties":{`, `"parties":{"auditor":{"keys":[],"threshold":1},`, "STATEMENT-MEMBER-INVALID"},
		{"prev in bom", "bom", `"size":1234`, `"prev":"sha256:` + digestOf("x").Hex() + `","size":1234`, "STATEMENT-MEMBER-INVALID"},
		{"prev in genesis", "genesis", `"rules":1`, `"prev":"sha256:` + digestOf("x").Hex() + `","rules":1`, "STATEMENT-MEMBER-INVALID"},

		{"null note", "bom", `"note":"second line\nof two"`, `"note":null`, "STATEMENT-MEMBER-INVALID"},
		{"empty note", "bom", `"note":"second line\nof two"`, `"note":""`, "STATEMENT-MEMBER-INVALID"},
		{"null product", "bom-held", `"product":{`, `"product":null,"supersedes":{`, "STATEMENT-MEMBER-INVALID"},
		{"empty product", "bom-held", `{"commit":"` + digestOf("commitment").String() + `"}`, `{}`, "STATEMENT-MEMBER-INVALID"},
		{"empty list", "admission", `"limits"`, `"evidence":[],"limits"`, "STATEMENT-MEMBER-INVALID"},
		{"null number", "bom", `"version":2`, `"version":null`, "STATEMENT-MEMBER-INVALID"},
		{"null position", "bom", `"index":0`, `"index":null`, "STATEMENT-MEMBER-INVALID"},

		{"number as string", "bom", `"size":1234`, `"size":"1234"`, "STATEMENT-MEMBER-INVALID"},
		{"number with fraction", "bom", `"size":1234`, `"size":1234.0`, "STATEMENT-MEMBER-INVALID"},
		{"number with exponent", "bom", `"size":1234`, `"size":1e3`, "STATEMENT-MEMBER-INVALID"},
		{"negative zero", "bom", `"index":0`, `"index":-0`, "STATEMENT-MEMBER-INVALID"},
		{"negative", "bom", `"version":2`, `"version":-2`, "STATEMENT-MEMBER-INVALID"},
		{"beyond 2^53", "bom", `"size":1234`, `"size":9007199254740992`, "STATEMENT-MEMBER-INVALID"},
		{"string as number", "bom", `"specVersion":"1.6"`, `"specVersion":1.6`, "STATEMENT-MEMBER-INVALID"},
		{"string as list", "bom", `["x:hoshino-relay"]`, `"x:hoshino-relay"`, "STATEMENT-MEMBER-INVALID"},
		{"predicate as list", "status", `"predicate":{`, `"predicate":[{`, "STATEMENT-JSON-INVALID"},

		{"no subject", "bom", `"subject":[{"digest":{"sha256":"` + digestOf("bom").Hex() + `"}}],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"two subjects", "bom", `"subject":[{`, `"subject":[{"digest":{"sha256":"` + digestOf("x").Hex() + `"}},{`, "STATEMENT-MEMBER-INVALID"},
		{"subject in capitals", "bom", digestOf("bom").Hex(), strings.ToUpper(digestOf("bom").Hex()), "STATEMENT-DIGEST-MALFORMED"},
		{"short subject", "bom", digestOf("bom").Hex(), digestOf("bom").Hex()[2:], "STATEMENT-DIGEST-MALFORMED"},
		{"zero subject", "bom", digestOf("bom").Hex(), zeros, "STATEMENT-DIGEST-MALFORMED"},
		{"party's subject", "party", digestOf("x:hoshino-relay").Hex(), digestOf("x:other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"genesis' subject", "genesis", digestOf(origin).Hex(), digestOf("other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"admission's subject", "admission", digestOf(origin).Hex(), digestOf("other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"no predicate", "bom", `"predicate":`, `"predicat":`, "STATEMENT-MEMBER-UNKNOWN"},

		{"no log", "party", `"log":"` + origin + `",`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"log with scheme", "bom", `"log":"` + origin, `"log":"https://` + origin, "STATEMENT-ORIGIN-MALFORMED"},
		{"no party", "bom", `"party":["x:hoshino-relay"],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"two parties in bom", "bom", `["x:hoshino-relay"]`, `["x:hoshino-relay","x:other"]`, "STATEMENT-MEMBER-INVALID"},
		{"registrar as vendor", "bom", `["x:hoshino-relay"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"vendor as registrar", "admission", `["registrar"]`, `["x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"party without registrar", "party", `["registrar","x:hoshino-relay"]`, `["x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"party reversed", "party", `["registrar","x:hoshino-relay"]`, `["x:hoshino-relay","registrar"]`, "STATEMENT-MEMBER-INVALID"},
		{"party for another", "party", `"id":"x:hoshino-relay"`, `"id":"x:other"`, "STATEMENT-MEMBER-INVALID"},
		{"trust by a vendor", "trust", `["registrar"]`, `["x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"trust without a log", "trust", `"log":"` + origin + `",`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"trust admitted", "admission", `["bom","party"]`, `["bom","party","trust"]`, "STATEMENT-MEMBER-INVALID"},
		{"status by a vendor", "status", `["log"]`, `["x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"no made", "bom", `"made":"2026-11-22T10:00:00Z",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"made with offset", "bom", `10:00:00Z`, `10:00:00+00:00`, "STATEMENT-TIME-MALFORMED"},
		{"made with fraction", "bom", `10:00:00Z`, `10:00:00.5Z`, "STATEMENT-TIME-MALFORMED"},
		{"made in lower case", "bom", `10:00:00Z`, `10:00:00z`, "STATEMENT-TIME-MALFORMED"},
		{"leap second", "bom", `10:00:00Z`, `10:00:60Z`, "STATEMENT-TIME-MALFORMED"},
		{"no such day", "bom", `2026-11-22T`, `2026-11-31T`, "STATEMENT-TIME-MALFORMED"},
		{"made as number", "bom", `"2026-11-22T10:00:00Z"`, `1795341600`, "STATEMENT-MEMBER-INVALID"},
		{"note with escape", "bom", `second line`, `\u001b[31m`, "STATEMENT-MEMBER-INVALID"},
		{"note with bidi", "bom", `second line`, `\u202egnp.exe`, "STATEMENT-MEMBER-INVALID"},
		{"note ends blank", "bom", `of two"`, `of two "`, "STATEMENT-MEMBER-INVALID"},
		{"long note", "bom", `second line`, strings.Repeat("n", MaxNote), "STATEMENT-MEMBER-INVALID"},

		{"prev in revoke", "revoke", `"target"`, `"prev":"sha256:` + digestOf("x").Hex() + `","target"`, "STATEMENT-MEMBER-INVALID"},
		{"prev in withdraw", "withdraw", `"position"`, `"prev":"sha256:` + digestOf("x").Hex() + `","position"`, "STATEMENT-MEMBER-INVALID"},
		{"prev in advisory", "advisory", `"selector"`, `"prev":"sha256:` + digestOf("x").Hex() + `","selector"`, "STATEMENT-MEMBER-INVALID"},
		{"prev in attestation", "attestation", `"about"`, `"prev":"sha256:` + digestOf("x").Hex() + `","about"`, "STATEMENT-MEMBER-INVALID"},
		{"prev in freeze", "freeze", `"size":10`, `"prev":"sha256:` + digestOf("x").Hex() + `","size":10`, "STATEMENT-MEMBER-INVALID"},
		{"freeze by a vendor", "freeze", `["registrar"]`, `["x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"freeze by both", "freeze", `["registrar"]`, `["registrar","registrar"]`, "STATEMENT-MEMBER-INVALID"},
		{"freeze of any log", "freeze", `"log":"` + origin + `",`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"freeze's subject", "freeze", digestOf(origin).Hex(), digestOf("other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"freeze without size", "freeze", `"size":10,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"freeze of nothing", "freeze", `"size":10`, `"size":0`, "STATEMENT-MEMBER-INVALID"},
		{"freeze beyond 2^53", "freeze", `"size":10`, `"size":9007199254740992`, "STATEMENT-MEMBER-INVALID"},
		{"freeze without root", "freeze", `"root":"` + digestOf("root").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"freeze with half a root", "freeze", digestOf("root").String(), digestOf("root").String()[:40], "STATEMENT-DIGEST-MALFORMED"},
		{"freeze without successor", "freeze", `"successor":`, `"follower":`, "STATEMENT-MEMBER-UNKNOWN"},
		{"freeze to itself", "freeze", `"ledger.example/test-2027"`, `"` + origin + `"`, "STATEMENT-MEMBER-INVALID"},
		{"freeze to an address", "freeze", `"ledger.example/test-2027"`, `"https://ledger.example/test-2027"`, "STATEMENT-ORIGIN-MALFORMED"},
		{"freeze to no genesis", "freeze", `"genesis":"` + digestOf("genesis").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"freeze to more", "freeze", `"successor":{`, `"successor":{"size":1,`, "STATEMENT-MEMBER-UNKNOWN"},
		{"freeze to too few keys", "freeze", `"threshold":2`, `"threshold":3`, "STATEMENT-MEMBER-INVALID"},
		{"freeze without threshold", "freeze", `,"threshold":2`, ``, "STATEMENT-MEMBER-INVALID"},
		{"freeze admitted", "admission", `["bom","party"]`, `["bom","freeze","party"]`, "STATEMENT-MEMBER-INVALID"},
		{"genesis after itself", "genesis-follows", `"ledger.example/test-2025"`, `"` + origin + `"`, "STATEMENT-MEMBER-INVALID"},
		{"genesis after an address", "genesis-follows", `"ledger.example/test-2025"`, `"https://ledger.example"`, "STATEMENT-ORIGIN-MALFORMED"},
		{"genesis after no genesis", "genesis-follows", `"genesis":"` + digestOf("genesis").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"genesis after no tree", "genesis-follows", `"size":10,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"genesis after no root", "genesis-follows", `,"root":"` + digestOf("root").String() + `"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"genesis after more", "genesis-follows", `"predecessor":{`, `"predecessor":{"log":"x",`, "STATEMENT-MEMBER-UNKNOWN"},
		{"genesis after null", "genesis", `"rules":1`, `"rules":1,"predecessor":null`, "STATEMENT-MEMBER-INVALID"},
		{"keys without prev", "keys", `"prev":"` + digestOf("leaf").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"keys without keys", "keys", `"keySet":`, `"keyset":`, "STATEMENT-MEMBER-UNKNOWN"},
		{"keys of two", "keys", `["x:hoshino-relay"]`, `["registrar","x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"keys about another", "keys", digestOf("x:hoshino-relay").Hex(), digestOf("x:other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"keys for any log", "keys", `"log":"` + origin + `",`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"delegate by the registrar", "delegate", `["x:hoshino-relay"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"delegate of nothing", "delegate", `"kinds":["bom"],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"delegate of another kind", "delegate", `"kinds":["bom"]`, `"kinds":["advisory","bom"]`, "STATEMENT-WORD-NEWER"},
		{"delegate of a kind twice", "delegate", `"kinds":["bom"]`, `"kinds":["bom","bom"]`, "STATEMENT-MEMBER-INVALID"},
		{"delegate without scope", "delegate", `"scope":{"kinds":["bom"],"products":["HR-86","HR-87T"]},`, ``, "STATEMENT-MEMBER-INVALID"},
		{"products out of order", "delegate", `["HR-86","HR-87T"]`, `["HR-87T","HR-86"]`, "STATEMENT-MEMBER-INVALID"},
		{"delegate without end", "delegate", `,"end":"2027-11-22T10:00:00Z"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"delegate's subject", "delegate", signer(t, envelope.Ed25519, "plant").Key().ID(), digestOf("x").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"delegate without key", "delegate", `"key":`, `"spki":`, "STATEMENT-MEMBER-UNKNOWN"},
		{"revoke of another's", "revoke", `"of":"x:hoshino-relay"`, `"of":"x:other"`, "STATEMENT-MEMBER-INVALID"},
		{"revoke by the log of another's", "revoke", `["x:hoshino-relay"]`, `["log"]`, "STATEMENT-MEMBER-INVALID"},
		{"revoke of something else", "revoke", `"target":"key"`, `"target":"log"`, "STATEMENT-MEMBER-INVALID"},
		{"revoke without target", "revoke", `"target":"key",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"revoke of the registrar whole", "revoke-party", `"of":"x:hoshino-relay"`, `"of":"registrar"`, "STATEMENT-PARTY-MALFORMED"},
		{"revoke of a party by a key", "revoke-party", `"reason"`, `"key":"` + digestOf("k").Hex() + `","reason"`, "STATEMENT-MEMBER-INVALID"},
		{"revoke of no key", "revoke", `"key":"`, `"key":"x`, "STATEMENT-MEMBER-INVALID"},
		{"revoke of another key", "revoke", `"key":"` + signer(t, envelope.Ed25519, "vendor").Key().ID(), `"key":"` + digestOf("k").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"revoke for no reason", "revoke", `"reason":"compromise",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"revoke for another reason", "revoke", `"compromise"`, `"boredom"`, "STATEMENT-MEMBER-INVALID"},
		{"revoke from a negative index", "revoke", `"invalidFrom":0`, `"invalidFrom":-1`, "STATEMENT-MEMBER-INVALID"},
		{"revoke from null", "revoke", `"invalidFrom":0`, `"invalidFrom":null`, "STATEMENT-MEMBER-INVALID"},
		{"suspend about nobody", "suspend", `"about":"x:hoshino-relay",`, ``, "STATEMENT-PARTY-MALFORMED"},
		{"suspend for no reason", "suspend", `,"reason":"under investigation"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"suspend by the log", "suspend", `["x:regulator"]`, `["log"]`, "STATEMENT-PARTY-MALFORMED"},
		{"not lifted", "suspend-lifted", `"lifted":true`, `"lifted":false`, "STATEMENT-MEMBER-INVALID"},
		{"lifted without prev", "suspend-lifted", `"prev":"` + digestOf("leaf").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"lifted by a word", "suspend-lifted", `"lifted":true`, `"lifted":"true"`, "STATEMENT-MEMBER-INVALID"},
		{"withdraw of nothing", "withdraw", `"index":0`, `"index":null`, "STATEMENT-MEMBER-INVALID"},
		{"withdraw without index", "withdraw", `,"index":0`, ``, "STATEMENT-MEMBER-INVALID"},
		{"withdraw nowhere", "withdraw", `"position":{"log":"` + origin, `"position":{"log":"https://x`, "STATEMENT-ORIGIN-MALFORMED"},
		{"withdraw for no reason", "withdraw", `,"reason":"wrong board"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"withdraw's subject", "withdraw", digestOf(origin).Hex(), digestOf("x").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"advisory by the registrar", "advisory", `["x:regulator"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"advisory on nothing", "advisory-part", `"selector":{"part":{"part":"N1"}},`, ``, "STATEMENT-MEMBER-INVALID"},
		{"advisory on a maker", "advisory-part", `"part":"N1"`, `"maker":"Acme"`, "STATEMENT-MEMBER-INVALID"},
		{"advisory on a bad party", "advisory", `"party":"x:hoshino-relay"`, `"party":"hoshino"`, "STATEMENT-PARTY-MALFORMED"},
		{"advisory on more", "advisory", `"product":"HR-87T"`, `"serial":"1","product":"HR-87T"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"advisory's subject", "advisory-digest", `[{"digest":{"sha256":"` + digestOf("firmware").Hex(), `[{"digest":{"sha256":"` + digestOf("x").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"advisory's party subject", "advisory", digestOf("x:hoshino-relay").Hex(), digestOf(origin).Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"advisory of another severity", "advisory", `"severity":"ban"`, `"severity":"warn"`, "STATEMENT-MEMBER-INVALID"},
		{"advisory from no time", "advisory-part", `"effective":"2026-11-22T10:00:00Z",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"advisory that is over", "advisory", `"expires":"2026-11-23`, `"expires":"2026-11-22`, "STATEMENT-MEMBER-INVALID"},
		{"advisory without text", "advisory-part", `,"text":"t"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"list in capitals", "list", `"id":"designated"`, `"id":"Designated"`, "STATEMENT-MEMBER-INVALID"},
		{"list's version without prev", "list", `"version":1`, `"version":2`, "STATEMENT-MEMBER-INVALID"},
		{"list without size", "list", `"size":12,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"list of another type", "list", `"text/csv"`, `"text"`, "STATEMENT-MEMBER-INVALID"},
		{"attestation about a bad party", "attestation", `"about":"x:hoshino-relay"`, `"about":"hoshino"`, "STATEMENT-PARTY-MALFORMED"},
		{"attestation's subject", "attestation", digestOf("x:hoshino-relay").Hex(), digestOf("x").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"attestation without findings", "attestation-bytes", `,"findings":"f"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"attestation without standard", "attestation-bytes", `"standard":"S",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"attestation without scope", "attestation-bytes", `"scope":"s",`, ``, "STATEMENT-MEMBER-INVALID"},

		{"policy in capitals", "policy", `"id":"jp-core"`, `"id":"JP"`, "STATEMENT-MEMBER-INVALID"},
		{"policy without version", "policy", `"version":3,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"policy of no bytes", "policy", `"size":12`, `"size":0`, "STATEMENT-MEMBER-INVALID"},
		{"policy of another type", "policy", `"application/yaml"`, `"yaml"`, "STATEMENT-MEMBER-INVALID"},
		{"policy of the log's", "policy", `["x:ministry"]`, `["log"]`, "STATEMENT-PARTY-MALFORMED"},
		{"policy of two", "policy", `["x:ministry"]`, `["registrar","x:ministry"]`, "STATEMENT-MEMBER-INVALID"},
		{"policy with the rules", "policy", `"size"`, `"rules":["R04"],"size"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"verdict of the registrar's", "verdict", `["x:operator"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"verdict with prev", "verdict", `"verdict":"hold"`, `"prev":"` + digestOf("x").String() + `","verdict":"hold"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict for any log", "verdict-silent", `"log":"` + origin + `",`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"verdict of another word", "verdict", `"verdict":"hold"`, `"verdict":"waived"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict in capitals", "verdict", `"verdict":"hold"`, `"verdict":"HOLD"`, "STATEMENT-MEMBER-INVALID"},
		{"scope of another word", "verdict", `"scope":"document"`, `"scope":"papers"`, "STATEMENT-MEMBER-INVALID"},
		{"stage of another word", "verdict", `"stage":"tender"`, `"stage":"later"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict at no time", "verdict", `"at":"2026-11-22T09:00:00Z"`, `"at":"2026-11-22"`, "STATEMENT-TIME-MALFORMED"},
		{"verdict on no file", "verdict", `"file":"sha256:`, `"file":"sha1:`, "STATEMENT-DIGEST-MALFORMED"},
		{"verdict on an entry of none", "verdict", `"entry":{"log":"` + origin + `","index":"0"},`, `"entry":{},`, "STATEMENT-MEMBER-INVALID"},
		{"verdict on an index with a zero", "verdict", `"index":"0"`, `"index":"00"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict on an index", "verdict", `"index":"0"`, `"index":0`, "STATEMENT-MEMBER-INVALID"},
		{"verdict on a negative index", "verdict", `"index":"0"`, `"index":"-1"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict on a log", "verdict", `"entry":{"log":"` + origin, `"entry":{"log":"http://x`, "STATEMENT-ORIGIN-MALFORMED"},
		{"verdict by a policy", "verdict", `"policy":{"id":"jp-core"`, `"policy":{"id":"JP Core"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict in two lines", "verdict", `"substation 4"`, `"substation\n4"`, "STATEMENT-MEMBER-INVALID"},
		{"verdict in more", "verdict", `"context":{"sector"`, `"context":{"stage":"tender","sector"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"verdict of nothing", "verdict-silent", digestOf("verdict").Hex(), zeros, "STATEMENT-DIGEST-MALFORMED"},
		{"field that is null", "verdict", `"verdict":"hold"`, `"verdict":null`, "STATEMENT-MEMBER-INVALID"},
		{"field that is empty", "verdict", `"verdict":"hold"`, `"verdict":""`, "STATEMENT-MEMBER-INVALID"},
		{"field that is a number", "verdict", `"verdict":"hold"`, `"verdict":1`, "STATEMENT-MEMBER-INVALID"},
		{"field that is a list", "verdict", `"verdict":"hold"`, `"verdict":["hold"]`, "STATEMENT-MEMBER-INVALID"},
		{"commitment of another form", "verdict", `"verdict":"hold"`, `"verdict":{"commit":"hold"}`, "STATEMENT-DIGEST-MALFORMED"},
		{"commitment of zeros", "verdict", `"verdict":"hold"`, `"verdict":{"commit":"sha256:` + zeros + `"}`, "STATEMENT-DIGEST-MALFORMED"},
		{"commitment and value", "verdict", `"verdict":"hold"`, `"verdict":{"commit":"` + digestOf("x").String() + `","value":"hold"}`, "STATEMENT-MEMBER-UNKNOWN"},
		{"commitment twice", "verdict", `"verdict":"hold"`, `"verdict":{"commit":"` + digestOf("x").String() + `","commit":"` + digestOf("y").String() + `"}`, "STATEMENT-JSON-INVALID"},
		{"digest committed to", "decision-waive", `"position":{`, `"position":{"commit":"` + digestOf("x").String() + `",`, "STATEMENT-MEMBER-UNKNOWN"},
		{"decision of another word", "decision", `"what":"install"`, `"what":"accept"`, "STATEMENT-MEMBER-INVALID"},
		{"decision of the registrar's", "decision", `["x:operator"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"decision with prev", "decision", `"what"`, `"prev":"` + digestOf("x").String() + `","what"`, "STATEMENT-MEMBER-INVALID"},
		{"decision for no reason", "decision", `,"reason":"clean"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"decision on nothing", "decision", digestOf("verdict").Hex(), zeros, "STATEMENT-DIGEST-MALFORMED"},
		{"decision to install what is waived", "decision", `"reason"`, `"rules":["R04"],"reason"`, "STATEMENT-MEMBER-INVALID"},
		{"decision to install until", "decision", `"clean"`, `"clean","until":"2027-02-22T10:00:00Z"`, "STATEMENT-MEMBER-INVALID"},
		{"waiver of nothing", "decision-waive", `"rules":["C01","R04"],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"waiver without end", "decision-waive", `,"until":"2027-02-22T10:00:00Z"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"waiver that is over", "decision-waive", `"until":"2027-02-22T10:00:00Z"`, `"until":"2026-11-22T10:00:00Z"`, "STATEMENT-MEMBER-INVALID"},
		{"waiver out of order", "decision-waive", `["C01","R04"]`, `["R04","C01"]`, "STATEMENT-MEMBER-INVALID"},
		{"waiver of a rule twice", "decision-waive", `["C01","R04"]`, `["R04","R04"]`, "STATEMENT-MEMBER-INVALID"},
		{"waiver of no rule", "decision-waive", `["C01","R04"]`, `["*"]`, "STATEMENT-MEMBER-INVALID"},
		{"waiver on another log's entry", "decision-waive", `"position":{"log":"` + origin, `"position":{"log":"http://x`, "STATEMENT-ORIGIN-MALFORMED"},
		{"waiver on no index", "decision-waive", `,"index":0`, ``, "STATEMENT-MEMBER-INVALID"},
		{"profile of the registrar's", "profile", `["x:hoshino-relay"]`, `["registrar"]`, "STATEMENT-PARTY-MALFORMED"},
		{"profile about another", "profile", digestOf("x:hoshino-relay").Hex(), digestOf("x:other").Hex(), "STATEMENT-SUBJECT-WRONG"},
		{"profile of no day", "profile", `"asOf":"2026-10-01",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"profile of a day that is none", "profile", `"asOf":"2026-10-01"`, `"asOf":"2026-02-30"`, "STATEMENT-MEMBER-INVALID"},
		{"profile of nothing", "profile-none", `,"holders":{"whole":true}`, ``, "STATEMENT-MEMBER-INVALID"},
		{"holders of nothing", "profile-none", `"holders":{"whole":true}`, `"holders":{}`, "STATEMENT-MEMBER-INVALID"},
		{"holders that are not whole", "profile-none", `{"whole":true}`, `{"whole":false}`, "STATEMENT-MEMBER-INVALID"},
		{"holder of no country", "profile", `{"country":"US-DE"}`, `{"share":"5"}`, "STATEMENT-MEMBER-INVALID"},
		{"holder of a country by name", "profile", `"US-DE"`, `"Japan"`, "STATEMENT-MEMBER-INVALID"},
		{"holder of a country in small", "profile", `"US-DE"`, `"jp"`, "STATEMENT-MEMBER-INVALID"},
		{"share above all", "profile", `"62.5"`, `"100.5"`, "STATEMENT-MEMBER-INVALID"},
		{"share of nothing", "profile", `"62.5"`, `"0"`, "STATEMENT-MEMBER-INVALID"},
		{"share in two forms", "profile", `"62.5"`, `"62.50"`, "STATEMENT-MEMBER-INVALID"},
		{"share with a sign", "profile", `"62.5"`, `"62.5%"`, "STATEMENT-MEMBER-INVALID"},
		{"incorporated nowhere", "profile", `"incorporated":"JP"`, `"incorporated":"J"`, "STATEMENT-MEMBER-INVALID"},
		{"year of two digits", "profile", `"2025"`, `"25"`, "STATEMENT-MEMBER-INVALID"},
		{"plant with more", "profile", `{"name":"Nagano works"`, `{"gln":"1","name":"Nagano works"`, "STATEMENT-MEMBER-UNKNOWN"},
		{"officer by name", "profile", `"officers":{"list":[{"name":{"commit":"`, `"officers":{"list":[{"nationality":"JP","name":"Hanako"},{"name":{"commit":"`, "STATEMENT-FIELD-OPEN"},
		{"officer by birth", "profile", `"officers":{"list":[{"name":{"commit":"`, `"officers":{"list":[{"nationality":"JP","born":"1970-01-31"},{"name":{"commit":"`, "STATEMENT-FIELD-OPEN"},

		{"bad prev", "admission-later", `"prev":"sha256:`, `"prev":"`, "STATEMENT-DIGEST-MALFORMED"},
		{"zero prev", "admission-later", digestOf("leaf").Hex(), zeros, "STATEMENT-DIGEST-MALFORMED"},

		{"no rules", "genesis", `,"rules":1`, ``, "STATEMENT-MEMBER-INVALID"},
		{"newer rules", "genesis", `"rules":1`, `"rules":2`, "STATEMENT-RULES-NEWER"},
		{"other name in vkey", "genesis", `"checkpoint":["ledger.example`, `"checkpoint":["ledger2.example`, "STATEMENT-MEMBER-INVALID"},
		{"other id in vkey", "genesis", `+c3e39056+`, `+c3e39057+`, "STATEMENT-MEMBER-INVALID"},

		{"unknown kind admitted", "admission", `["bom","party"]`, `["bom","party","shipment"]`, "STATEMENT-WORD-NEWER"},
		{"status admitted", "admission", `["bom","party"]`, `["bom","party","status"]`, "STATEMENT-MEMBER-INVALID"},
		{"kinds out of order", "admission", `["bom","party"]`, `["party","bom"]`, "STATEMENT-MEMBER-INVALID"},
		{"kind twice", "admission", `["bom","party"]`, `["bom","bom"]`, "STATEMENT-MEMBER-INVALID"},
		{"no kinds", "admission", `"kinds":["bom","party"],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"unknown algorithm", "admission", `["ecdsa-p256","ed25519"]`, `["ed25519","ml-dsa-44"]`, "STATEMENT-WORD-NEWER"},
		{"algorithms out of order", "admission", `["ecdsa-p256","ed25519"]`, `["ed25519","ecdsa-p256"]`, "STATEMENT-MEMBER-INVALID"},
		{"evidence", "admission", `"limits"`, `"evidence":["timestamp"],"limits"`, "STATEMENT-WORD-NEWER"},
		{"no limit", "admission", `"bomBytes":33554432,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"no depth", "admission", `"depth":64,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"spec version", "admission", `"1.5"`, `"v1.5"`, "STATEMENT-MEMBER-INVALID"},
		{"spec versions out of order", "admission", `"1.4","1.5"`, `"1.5","1.4"`, "STATEMENT-MEMBER-INVALID"},

		{"bad id", "party", `"id":"x:hoshino-relay"`, `"id":"x:Hoshino"`, "STATEMENT-PARTY-MALFORMED"},
		{"version 2 without prev", "party", `"version":1`, `"version":2`, "STATEMENT-MEMBER-INVALID"},
		{"version 1 with prev", "party-second", `"version":2`, `"version":1`, "STATEMENT-MEMBER-INVALID"},
		{"no version", "party", `"version":1,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"no name", "party", `"name":"Hoshino Relay / 星野継電器",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"name with line feed", "party", `Hoshino Relay /`, `Hoshino\nRelay /`, "STATEMENT-MEMBER-INVALID"},
		{"bad identifier", "party", `"jp-corp:7000012050002"`, `"jp-corp:7000012050003"`, "STATEMENT-PARTY-MALFORMED"},
		{"identifiers out of order", "party", `"dns:hoshino.example","jp-corp:7000012050002"`, `"jp-corp:7000012050002","dns:hoshino.example"`, "STATEMENT-MEMBER-INVALID"},
		{"own id as identifier", "party", `"jp-corp:7000012050002"]`, `"jp-corp:7000012050002","x:hoshino-relay"]`, "STATEMENT-MEMBER-INVALID"},
		{"alpha-3", "party", `"JP"`, `"JPN"`, "STATEMENT-MEMBER-INVALID"},
		{"lower-case country", "party", `"JP"`, `"jp"`, "STATEMENT-MEMBER-INVALID"},
		{"unknown role", "party", `["vendor"]`, `["minister"]`, "STATEMENT-MEMBER-INVALID"},
		{"no role", "party", `"roles":["vendor"],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"roles out of order", "party", `["vendor"]`, `["vendor","operator"]`, "STATEMENT-MEMBER-INVALID"},
		{"threshold zero", "party", `"threshold":1`, `"threshold":0`, "STATEMENT-MEMBER-INVALID"},
		{"threshold above keys", "party", `"threshold":1`, `"threshold":3`, "STATEMENT-MEMBER-INVALID"},
		{"algorithm lies", "party", `"algorithm":"ed25519"`, `"algorithm":"ecdsa-p256"`, "STATEMENT-MEMBER-INVALID"},
		{"algorithm missing", "party", `"algorithm":"ed25519",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"key not base64", "party", key, "!" + key[1:], "STATEMENT-MEMBER-INVALID"},
		{"key malformed", "party", key, base64.StdEncoding.EncodeToString([]byte("key")), "KEY-SPKI-MALFORMED"},
		{"bad speaksFor", "party-second", `"x:hoshino-parts"`, `"hoshino-parts"`, "STATEMENT-PARTY-MALFORMED"},
		{"speaksFor out of order", "party-second", `"x:hoshino-parts","x:hoshino-relay"`, `"x:hoshino-relay","x:hoshino-parts"`, "STATEMENT-MEMBER-INVALID"},

		{"no size", "bom", `"size":1234,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"size zero", "bom", `"size":1234`, `"size":0`, "STATEMENT-MEMBER-INVALID"},
		{"no media type", "bom", `"mediaType":"application/vnd.cyclonedx+json; version=1.6",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"media type of another version", "bom", `json; version=1.6`, `json; version=1.5`, "STATEMENT-MEMBER-INVALID"},
		{"media type without version", "bom", `json; version=1.6`, `json`, "STATEMENT-MEMBER-INVALID"},
		{"media type with more", "bom", `json; version=1.6`, `json; charset=utf-8; version=1.6`, "STATEMENT-MEMBER-INVALID"},
		{"serial in capitals", "bom", `urn:uuid:3e671687`, `urn:uuid:3E671687`, "STATEMENT-MEMBER-INVALID"},
		{"serial without urn", "bom", `urn:uuid:3e671687`, `3e671687`, "STATEMENT-MEMBER-INVALID"},
		{"no BOM version", "bom", `"version":2,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"no disclosure", "bom", `,"disclosure":"open"`, ``, "STATEMENT-MEMBER-INVALID"},
		{"other disclosure", "bom", `"disclosure":"open"`, `"disclosure":"secret"`, "STATEMENT-MEMBER-INVALID"},
		{"open commitment", "bom-held", `"disclosure":"held"`, `"disclosure":"open"`, "STATEMENT-MEMBER-INVALID"},
		{"commitment and more", "bom-held", `"product":{`, `"product":{"name":"n",`, "STATEMENT-MEMBER-INVALID"},
		{"product without name", "bom", `"name":"HR-87T",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"long product name", "bom", `HR-87T`, strings.Repeat("n", MaxText+1), "STATEMENT-MEMBER-INVALID"},
		{"no position", "bom", `"position":{"log":"` + origin + `","index":0},`, ``, "STATEMENT-ORIGIN-MALFORMED"},
		{"no index", "bom", `,"index":0`, ``, "STATEMENT-MEMBER-INVALID"},
		{"other reason", "bom", `"reason":"revision"`, `"reason":"better"`, "STATEMENT-MEMBER-INVALID"},

		{"no root", "status", `"root":"` + digestOf("root").String() + `",`, ``, "STATEMENT-MEMBER-INVALID"},
		{"no about", "status", `"about":"x:hoshino-relay",`, ``, "STATEMENT-PARTY-MALFORMED"},
		{"no size of status", "status", `"size":10,`, ``, "STATEMENT-MEMBER-INVALID"},
		{"entries out of order", "status", `[2,7]`, `[7,2]`, "STATEMENT-MEMBER-INVALID"},
		{"entry twice", "status", `[2,7]`, `[2,2]`, "STATEMENT-MEMBER-INVALID"},
		{"entry beyond size", "status", `[2,7]`, `[2,10]`, "STATEMENT-MEMBER-INVALID"},
		{"no entries", "status", `"entries":[2,7],`, ``, "STATEMENT-MEMBER-INVALID"},
		{"no advisories", "status", `,"advisories":{"count":0}`, ``, "STATEMENT-MEMBER-INVALID"},
		{"advisories without last", "status", `{"count":0}`, `{"count":1}`, "STATEMENT-MEMBER-INVALID"},
		{"no advisories but last", "status-warned", `"count":2`, `"count":0`, "STATEMENT-MEMBER-INVALID"},
		{"more advisories than entries", "status-warned", `"count":2`, `"count":11`, "STATEMENT-MEMBER-INVALID"},
	} {
		t.Run(c.kind+" "+c.name, func(t *testing.T) {
			edited := strings.Replace(string(built[c.kind]), c.old, c.new, 1)
			if edited == string(built[c.kind]) {
				t.Fatal("the edit changes nothing")
			}
			_, err := Parse([]byte(edited))
			wantCode(t, err, c.code)
			if newer := strings.HasSuffix(c.code, "-NEWER"); errors.Is(err, ErrNewer) != newer {
				t.Errorf("newer program needed: %t, want %t", !newer, newer)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	_, err := Parse(make([]byte, MaxPayload+1))
	wantCode(t, err, "STATEMENT-SIZE-LIMIT")
	wide := strings.Replace(string(payloads(t)["bom"]), `"size":`, strings.Repeat(" ", MaxBody)+`"size":`, 1)
	_, err = Parse([]byte(wide))
	wantCode(t, err, "STATEMENT-BODY-LIMIT")

	many := party(t)
	var keys []envelope.Key
	for i := range MaxKeys + 1 {
		keys = append(keys, signer(t, envelope.Ed25519, fmt.Sprint(i)).Key())
	}
	many.KeySet = NewKeySet(1, keys[:MaxKeys]...)
	if _, err := NewParty(many); err != nil {
		t.Errorf("%d keys: %v", MaxKeys, err)
	}
	many.KeySet = NewKeySet(1, keys...)
	_, err = NewParty(many)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")

	big := status()
	big.Size, big.Entries = 1<<40, nil
	for i := range int64(MaxIndices) {
		big.Entries = append(big.Entries, 1<<19+i) // six digits and a comma each
	}
	payload, err := NewStatus(big)
	if err != nil {
		t.Fatalf("the largest status: %v", err)
	}
	if _, err := Parse(payload); err != nil {
		t.Errorf("the largest status: %v", err)
	}
	big.Entries = append(big.Entries, 1<<30)
	_, err = NewStatus(big)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
}

func TestBuildersRefuse(t *testing.T) {
	two := genesis(t)
	two.Parties.Log = two.Parties.Registrar
	_, err := NewGenesis(two)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	none := bom()
	none.Digest = Digest{}
	_, err = NewBOM(none)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	timeless := bom()
	timeless.Made = time.Time{}
	_, err = NewBOM(timeless)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	zero := party(t)
	zero.KeySet = KeySet{Keys: []envelope.Key{{}}, Threshold: 1}
	_, err = NewParty(zero)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	foreign := bom()
	foreign.Product = &Product{Name: "bad \xff"}
	_, err = NewBOM(foreign)
	wantCode(t, err, "STATEMENT-MEMBER-INVALID")
	large := bom()
	text := strings.Repeat("\x01", MaxText) // six bytes each in JSON
	large.Product = &Product{Name: text, Version: text}
	_, err = NewBOM(large)
	wantCode(t, err, "STATEMENT-BODY-LIMIT")
	precise := bom()
	precise.Made = made.In(time.FixedZone("", 9*3600)).Add(999 * time.Millisecond)
	payload, err := NewBOM(precise)
	if err != nil || !strings.Contains(string(payload), `"made":"2026-11-22T10:00:00Z"`) {
		t.Errorf("made is not cut to UTC seconds: %s, %v", payload, err)
	}
}

func TestGrammar(t *testing.T) {
	for id, code := range map[string]string{
		"x:hoshino-relay": "", "x:a/b.c_d-e": "", "x:0": "", "duns:804735132": "",
		"jp-corp:7000012050002": "", "jp-corp:8000012050001": "", "jp-corp:9000012050001": "STATEMENT-PARTY-MALFORMED",
		"jp-corp:700001205000": "STATEMENT-PARTY-MALFORMED", "jp-corp:70000120500020": "STATEMENT-PARTY-MALFORMED", "jp-corp:7000012050020": "STATEMENT-PARTY-MALFORMED",
		"lei:5493001KJTIIGC8Y1R12": "", "lei:5493001KJTIIGC8Y1R13": "STATEMENT-PARTY-MALFORMED",
		"lei:5493001kjtiigc8y1r12": "STATEMENT-PARTY-MALFORMED", "lei:5493001KJTIIGC8Y1R1": "STATEMENT-PARTY-MALFORMED", "lei:5493001KJTIIGC8Y1RAB": "STATEMENT-PARTY-MALFORMED",
		"dns:example.jp": "", "dns:xn--wgv71a119e.jp": "", "dns:a-b.example": "",
		"dns:Example.jp": "STATEMENT-PARTY-MALFORMED", "dns:example": "STATEMENT-PARTY-MALFORMED", "dns:example.jp.": "STATEMENT-PARTY-MALFORMED",
		"dns:-a.example": "STATEMENT-PARTY-MALFORMED", "dns:a-.example": "STATEMENT-PARTY-MALFORMED", "dns:ab--c.example": "STATEMENT-PARTY-MALFORMED",
		"dns:xn--.example": "STATEMENT-PARTY-MALFORMED", "dns:192.0.2.1": "STATEMENT-PARTY-MALFORMED", "dns:a..example": "STATEMENT-PARTY-MALFORMED",
		"dns:a_b.example": "STATEMENT-PARTY-MALFORMED", "dns:" + strings.Repeat("a", 64) + ".example": "STATEMENT-PARTY-MALFORMED",
		"duns:80473513": "STATEMENT-PARTY-MALFORMED", "duns:80473513a": "STATEMENT-PARTY-MALFORMED",
		"x:Hoshino": "STATEMENT-PARTY-MALFORMED", "x:": "STATEMENT-PARTY-MALFORMED", "x": "STATEMENT-PARTY-MALFORMED", "": "STATEMENT-PARTY-MALFORMED",
		"x:-a": "STATEMENT-PARTY-MALFORMED", "x:a b": "STATEMENT-PARTY-MALFORMED", "x:a:b": "STATEMENT-PARTY-MALFORMED", "x:星野": "STATEMENT-PARTY-MALFORMED",
		"x:a\n": "STATEMENT-PARTY-MALFORMED", "X:a": "STATEMENT-PARTY-MALFORMED", "1x:a": "STATEMENT-PARTY-MALFORMED",
		"registrar": "STATEMENT-PARTY-MALFORMED", "log": "STATEMENT-PARTY-MALFORMED",
		"x:" + strings.Repeat("a", 98): "", "x:" + strings.Repeat("a", 99): "STATEMENT-PARTY-MALFORMED",
		"abcdefghijklmnop:a": "STATEMENT-PARTY-SCHEME", "abcdefghijklmnopq:a": "STATEMENT-PARTY-MALFORMED", "vat:DE1": "STATEMENT-PARTY-SCHEME",
	} {
		t.Run(id, func(t *testing.T) { wantCode(t, CheckParty(id), code) })
	}
	for o, ok := range map[string]bool{
		"ledger.example/jp-power-2026": true, "ledger.example": true, "localhost:8080/x": true, "a.example/B/c~1": true,
		"": false, "https://ledger.example": false, "ledger.example/": false, "ledger.example//x": false, "Ledger.example": false,
		"ledger.example/a b": false, "ledger.example/a+b": false, "ledger.example/..": false, "ledger.example/./a": false,
		"ledger.example:0/x": false, "ledger.example:123456": false, "ledger.example:/x": false, "/x": false, "a..b": false,
		"ledger.example/é": false, "ledger.example?x": false, "ledger.example/x#y": false, "ledger.example\n": false,
		"a.example/" + strings.Repeat("a", 190): true, "a.example/" + strings.Repeat("a", 191): false,
	} {
		code := ""
		if !ok {
			code = "STATEMENT-ORIGIN-MALFORMED"
		}
		t.Run(o, func(t *testing.T) { wantCode(t, CheckOrigin(o), code) })
	}
	if d, err := ParseDigest(digestOf("x").String()); err != nil || d != digestOf("x") {
		t.Errorf("digest comes back as %s, %v", d, err)
	}
	for _, s := range []string{"", "sha256:", digestOf("x").Hex(), "SHA256:" + digestOf("x").Hex(), digestOf("x").String() + "0", "sha512:" + digestOf("x").Hex()} {
		_, err := ParseDigest(s)
		wantCode(t, err, "STATEMENT-DIGEST-MALFORMED")
	}
}
