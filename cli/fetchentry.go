package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"

	"github.com/go-json-experiment/json"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// searchFormat is the "format" member of an answer to a search.
const searchFormat = "yurai-search/1"

// maxSearch bounds the answer to a search, in bytes.
const maxSearch = 1 << 20

// search returns the entries that a server finds, the first page. Nothing in the
// answer is proven: that something is not found shows nothing.
func (r *remote) search(ctx context.Context, query url.Values) ([]int64, error) {
	raw, err := r.get(ctx, "api/v1/search?"+query.Encode(), maxSearch)
	if err != nil {
		return nil, unanswered(err)
	}
	var a struct {
		Format  string  `json:"format"`
		Log     string  `json:"log"`
		Entries []int64 `json:"entries"`
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, refuse("CLI-ANSWER-MALFORMED", "the search: %w", err)
	}
	if a.Format != searchFormat || a.Log != r.log.Origin {
		return nil, refuse("CLI-ANSWER-MALFORMED", "the search answers another question")
	}
	for _, i := range a.Entries {
		if i < 0 {
			return nil, refuse("CLI-ANSWER-MALFORMED", "the search names an impossible entry")
		}
	}
	return a.Entries, nil
}

// profileOf returns the verified bundle of the newest profile of a party that stands,
// as far as the log's word goes. LOG-ENTRY-ABSENT if the server finds none.
func (r *remote) profileOf(ctx context.Context, party string, trust *ledger.Trust) (*held, error) {
	entries, err := r.search(ctx, url.Values{"kind": {string(statement.KindProfile)}, "about": {party}})
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, ledger.Refuse("LOG-ENTRY-ABSENT", "%s finds no profile of %s", r.log.Origin, printable(party))
	}
	at := entries[len(entries)-1]
	for range 2 { // the bundle of any version holds them all, and says which is the newest
		h, err := r.bundle(ctx, at, trust)
		if err != nil {
			return nil, err
		}
		if h.evidence.Index != at || h.evidence.Statement.Kind != statement.KindProfile || h.evidence.Party != party {
			return nil, refuse("CLI-ANSWER-MALFORMED", "entry %d is no profile of %s", at, printable(party))
		}
		newest := h.evidence.Newest
		if newest < 0 || newest == h.evidence.Standing.First {
			return &h, nil
		}
		at = newest
	}
	return nil, refuse("CLI-ANSWER-MALFORMED", "%s does not agree with itself on which profile of %s is the newest", r.base, printable(party))
}

// policyOf returns the verified bundle of the entry of a policy with these bytes, of
// the signer that the trust file pins if it pins one. LOG-ENTRY-ABSENT if the server
// finds none.
func (r *remote) policyOf(ctx context.Context, raw []byte, trust *ledger.Trust) (*held, error) {
	sum := sha256.Sum256(raw)
	entries, err := r.search(ctx, url.Values{"kind": {string(statement.KindPolicy)}, "digest": {ledger.Hash(sum).String()}})
	if err != nil {
		return nil, err
	}
	if len(entries) > maxCandidates {
		return nil, refuse("CLI-PARTY-SEVERAL", "%d entries are about sha256:%x, too many to look at", len(entries), sum)
	}
	var found *held
	for _, at := range entries {
		h, err := r.bundle(ctx, at, trust)
		if err != nil {
			return nil, err
		}
		body, ok := h.evidence.Statement.Body.(*statement.Policy)
		if h.evidence.Index != at || !ok || body.Digest != sum {
			return nil, refuse("CLI-ANSWER-MALFORMED", "entry %d is about something else", at)
		}
		switch {
		case trust.Policy != nil && h.evidence.Party != trust.Policy.Signer:
		case found == nil:
			found = &h
		case found.evidence.Party != h.evidence.Party:
			return nil, refuse("CLI-PARTY-SEVERAL", "%s signed sha256:%x as entry %d, %s as entry %d", found.evidence.Party, sum, found.evidence.Index, h.evidence.Party, at)
		}
	}
	if found == nil {
		return nil, ledger.Refuse("LOG-ENTRY-ABSENT", "%s finds no policy sha256:%x of whom the trust file pins", r.log.Origin, sum)
	}
	return found, nil
}

// opened returns a bundle to hand on with what opens the fields of its statement.
// Each file fits, or none is put in.
func (e *environment) opened(h *held, files []string, trust *ledger.Trust) (*held, error) {
	if len(files) == 0 {
		return h, nil
	}
	b := *h.bundle
	for _, name := range files {
		raw, err := e.readInput(name, statement.MaxOpenings)
		if err != nil {
			return nil, err
		}
		o, err := statement.ParseOpenings(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b.Openings = append(b.Openings, o)
	}
	raw, err := b.Marshal()
	if err != nil {
		return nil, err
	}
	whole, err := openBundle(raw, trust)
	return &whole, err
}
