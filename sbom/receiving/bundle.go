package receiving

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// BundleFormat is the "format" member of FILE.yurai.json.
const BundleFormat = "yurai-bundle/1"

// Bounds of a bundle; beyond them it is refused before it is verified.
const (
	MaxBundle  = 16 << 20 // bytes
	MaxHistory = 4096     // entries beside the statement
	maxBlobs   = 64

	maxOpenings = 16 // files of openings in a bundle
)

// Bundle is FILE.yurai.json: a statement, the proof that it is in the log, and
// the entries and the status that its standing rests on, all against one
// checkpoint. Nothing in it is verified until [Open].
type Bundle struct {
	Log        string  // origin
	Checkpoint []byte  // signed note of size N; every proof leads to its root
	Statement  Entry   // what this bundle is about
	History    []Entry // ascending; genesis first
	Status     []byte  // DSSE by party log, in leaf form; nil if there is none
	Blobs      []Blob  // bytes that the statement speaks of

	// Openings are what opens fields that the statement commits to; whoever hands a
	// bundle on adds them, the log has none.
	Openings []*statement.Openings
}

// Entry is a leaf, its zero-based index and its inclusion proof.
type Entry struct {
	Leaf  []byte
	Index int64
	Proof []ledger.Hash // the leaf's sibling first (RFC 6962 §2.1.1)
}

// Blob names bytes that are kept beside the log.
type Blob struct {
	Digest    ledger.Hash
	Size      int64 // bytes
	MediaType string
}

type bundleFile struct {
	Format     string      `json:"format"`
	Log        string      `json:"log"`
	Checkpoint string      `json:"checkpoint"`
	Statement  entryFile   `json:"statement"`
	History    []entryFile `json:"history"`
	Status     string      `json:"status,omitzero"`
	Blobs      []blobFile  `json:"blobs"`

	Openings []jsontext.Value `json:"openings,omitempty"` // each a yurai-opening/1
}

type entryFile struct {
	Leaf  string   `json:"leaf"`
	Index int64    `json:"index"`
	Proof []string `json:"proof"`
}

type blobFile struct {
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	MediaType string `json:"mediaType"`
}

// Marshal returns the bundle as indented JSON, ending in a newline.
func (b *Bundle) Marshal() ([]byte, error) {
	f := bundleFile{
		Format: BundleFormat, Log: b.Log, Checkpoint: string(b.Checkpoint), Statement: b.Statement.file(),
		History: []entryFile{}, Blobs: []blobFile{},
	}
	for _, e := range b.History {
		f.History = append(f.History, e.file())
	}
	if b.Status != nil {
		f.Status = base64.StdEncoding.EncodeToString(b.Status)
	}
	for _, x := range b.Blobs {
		f.Blobs = append(f.Blobs, blobFile{hex.EncodeToString(x.Digest[:]), x.Size, x.MediaType})
	}
	for _, o := range b.Openings {
		raw, err := o.Marshal()
		if err != nil {
			return nil, err
		}
		f.Openings = append(f.Openings, raw)
	}
	raw, err := json.Marshal(f, jsontext.WithIndent(" "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

func (e Entry) file() entryFile {
	f := entryFile{Leaf: base64.StdEncoding.EncodeToString(e.Leaf), Index: e.Index, Proof: []string{}}
	for _, h := range e.Proof {
		f.Proof = append(f.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	return f
}

// ParseBundle reads a bundle without verifying it. It refuses other formats
// (BUNDLE-FORMAT-UNKNOWN), more than MaxBundle bytes or MaxHistory entries
// (BUNDLE-SIZE-LIMIT), unknown or doubled members, unsorted entries and second
// spellings of base64 (BUNDLE-FILE-MALFORMED), and openings as
// [statement.ParseOpenings] does.
func ParseBundle(raw []byte) (*Bundle, error) {
	if len(raw) > MaxBundle {
		return nil, sbom.Refuse("BUNDLE-SIZE-LIMIT", "bundle of %d bytes is over the limit of %d", len(raw), MaxBundle)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, sbom.Refuse("BUNDLE-FILE-MALFORMED", "bundle is not strict JSON: %w", err)
	}
	if head.Format != BundleFormat {
		return nil, sbom.Refuse("BUNDLE-FORMAT-UNKNOWN", "bundle has format %.40q, this program reads %q", head.Format, BundleFormat)
	}
	var f bundleFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, sbom.Refuse("BUNDLE-FILE-MALFORMED", "bundle: %w", err)
	}
	if len(f.History) > MaxHistory || len(f.Blobs) > maxBlobs || len(f.Openings) > maxOpenings {
		return nil, sbom.Refuse("BUNDLE-SIZE-LIMIT", "bundle of %d entries, %d blobs and %d openings is over the limits of %d, %d and %d",
			len(f.History), len(f.Blobs), len(f.Openings), MaxHistory, maxBlobs, maxOpenings)
	}
	b := &Bundle{Log: f.Log, Checkpoint: []byte(f.Checkpoint)}
	var err error
	if b.Statement, err = f.Statement.entry(); err != nil {
		return nil, err
	}
	for _, x := range f.History {
		e, err := x.entry()
		if err != nil {
			return nil, err
		}
		if n := len(b.History); n > 0 && e.Index <= b.History[n-1].Index || e.Index == b.Statement.Index {
			return nil, sbom.Refuse("BUNDLE-FILE-MALFORMED", "entry %d of the bundle's history is out of order", e.Index)
		}
		b.History = append(b.History, e)
	}
	if f.Status != "" {
		if b.Status, err = decode(f.Status); err != nil {
			return nil, err
		}
	}
	for _, x := range f.Blobs {
		digest, err := hex.DecodeString(x.SHA256)
		if err != nil || len(digest) != len(ledger.Hash{}) || hex.EncodeToString(digest) != x.SHA256 || x.Size < 0 {
			return nil, sbom.Refuse("BUNDLE-FILE-MALFORMED", "a blob of the bundle has no digest or size")
		}
		b.Blobs = append(b.Blobs, Blob{ledger.Hash(digest), x.Size, x.MediaType})
	}
	for _, raw := range f.Openings {
		o, err := statement.ParseOpenings(raw)
		if err != nil {
			return nil, err
		}
		b.Openings = append(b.Openings, o)
	}
	return b, nil
}

func (f entryFile) entry() (Entry, error) {
	leaf, err := decode(f.Leaf)
	if err != nil {
		return Entry{}, err
	}
	if f.Index < 0 || len(leaf) == 0 || len(leaf) > ledger.MaxLeaf || len(f.Proof) > ledger.MaxProof {
		return Entry{}, sbom.Refuse("BUNDLE-FILE-MALFORMED", "entry %d of the bundle has an impossible index, leaf or proof", f.Index)
	}
	e := Entry{Leaf: leaf, Index: f.Index}
	for _, s := range f.Proof {
		h, err := decode(s)
		if err != nil || len(h) != len(ledger.Hash{}) {
			return Entry{}, sbom.Refuse("BUNDLE-FILE-MALFORMED", "a proof of the bundle holds something that is no hash")
		}
		e.Proof = append(e.Proof, ledger.Hash(h))
	}
	return e, nil
}

// decode reads padded standard base64 in its one canonical spelling.
func decode(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(b) != s {
		return nil, sbom.Refuse("BUNDLE-FILE-MALFORMED", "bundle holds base64 that is not canonical")
	}
	return b, nil
}

// entries returns the statement and the history in the order of the log.
func (b *Bundle) entries() []Entry {
	all := append(slices.Clone(b.History), b.Statement)
	slices.SortFunc(all, func(x, y Entry) int { return cmp.Compare(x.Index, y.Index) })
	return all
}
