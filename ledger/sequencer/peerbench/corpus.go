package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// origin is the log that all statements are for.
const origin = "bench.example/peer-2026"

// vendors is the number of parties that the statements are by, one after the
// other.
const vendors = 16

// stream is an endless reader of SHA-256(seed ‖ name ‖ counter): the keys of a
// seed, and nothing secret.
type stream struct {
	name string
	n    int
	rest []byte
}

func seeded(seed uint64, name string, number int) *stream {
	return &stream{name: fmt.Sprintf("peerbench/%d/%s/%d", seed, name, number)}
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.rest) == 0 {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", s.name, s.n))
			s.rest, s.n = sum[:], s.n+1
		}
		p[i], s.rest = s.rest[0], s.rest[1:]
	}
	return len(p), nil
}

// foundation is what a log of ours begins with: the keys that sign its
// checkpoints, and the entries that admit the vendors.
type foundation struct {
	Ed25519 []byte   `json:"ed25519"`
	MLDSA44 []byte   `json:"mldsa44"`
	Leaves  [][]byte `json:"leaves"`

	vendors []*envelope.Signer
}

var made = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func vendorName(i int) string { return fmt.Sprintf("x:vendor-%02d", i) }

// newFoundation makes keys, genesis, admission and one enrolment a vendor, the
// same ones for the same seed.
func newFoundation(seed uint64) (*foundation, error) {
	f := &foundation{}
	var err error
	signer := func(name string, number int) *envelope.Signer {
		s, e := envelope.NewSigner(envelope.Ed25519, seeded(seed, name, number))
		err = errors.Join(err, e)
		return s
	}
	ed, e1 := ledger.NewSigner(ledger.Ed25519, origin, seeded(seed, "ed25519", 0))
	ml, e2 := ledger.NewSigner(ledger.MLDSA44, origin, seeded(seed, "ml-dsa-44", 0))
	registrar, service := signer("registrar", 0), signer("service", 0)
	for i := range vendors {
		f.vendors = append(f.vendors, signer("vendor", i))
	}
	if err = errors.Join(err, e1, e2); err != nil {
		return nil, err
	}
	f.Ed25519, f.MLDSA44 = ed.Marshal(), ml.Marshal()
	seal := func(payload []byte, e error, by ...*envelope.Signer) {
		leaf := []byte(nil)
		if e == nil {
			leaf, e = envelope.Sign(envelope.PayloadType, payload, by...)
		}
		err = errors.Join(err, e)
		f.Leaves = append(f.Leaves, leaf)
	}
	head := statement.Head{Log: origin, Made: made}
	payload, e := statement.NewGenesis(statement.Genesis{
		Head: head, Checkpoint: []string{ed.VKey(), ml.VKey()}, Rules: statement.Rules,
		Parties: statement.Founders{Registrar: statement.NewKeySet(1, registrar.Key()), Log: statement.NewKeySet(1, service.Key())},
	})
	seal(payload, e, registrar)
	payload, e = statement.NewAdmission(statement.Admission{
		Head: head, Kinds: statement.Admissible(), Algorithms: []string{envelope.ECDSAP256, envelope.Ed25519},
		Limits: statement.Limits{
			BOMBytes: int64(sbom.DefaultLimits.Bytes), Depth: int64(sbom.DefaultLimits.Depth), SpecVersions: sbom.SpecVersions(),
		},
	})
	seal(payload, e, registrar)
	for i, v := range f.vendors {
		payload, e = statement.NewParty(statement.Party{
			Head: head, ID: vendorName(i), Version: 1, Name: fmt.Sprintf("Vendor %d", i), Incorporated: "JP",
			Roles: []string{statement.RoleVendor}, KeySet: statement.NewKeySet(1, v.Key()),
		})
		seal(payload, e, registrar, v)
	}
	return f, err
}

// signers returns the keys of checkpoints, Ed25519 first.
func (f *foundation) signers() ([]*ledger.Signer, error) {
	ed, e1 := ledger.ParseSigner(f.Ed25519)
	ml, e2 := ledger.ParseSigner(f.MLDSA44)
	return []*ledger.Signer{ed, ml}, errors.Join(e1, e2)
}

// corpus is a file of signed statements of one length, one behind the other.
// Every column adds these bytes.
type corpus struct {
	Path   string `json:"path"`
	Size   int    `json:"size"`   // bytes of a leaf
	Leaves int    `json:"leaves"` // in the file
}

// text is what fills a statement: words, no secret and no weight of its own.
var text = strings.Repeat("measured with the same bytes on both sides ", 100)

// bom returns the statement on the i-th bill of materials, as long as filling
// says: first the note grows, then what is copied of the product.
func bom(seed uint64, i, filling int) statement.BOM {
	number := sha256.Sum256(binary.BigEndian.AppendUint64(fmt.Appendf(nil, "bom/%d/", seed), uint64(i)))
	take := func(most int) string {
		n := min(filling, most)
		filling -= n
		return text[:n]
	}
	b := statement.BOM{
		Head:   statement.Head{Log: origin, Party: []string{vendorName(i % vendors)}, Made: made, Note: "n" + take(statement.MaxNote-1)},
		Digest: number, Size: 43_600, MediaType: "application/vnd.cyclonedx+json; version=1.6", SpecVersion: "1.6",
		Version: 1, Disclosure: statement.DisclosureOpen,
	}
	hex := fmt.Sprintf("%x", number)
	b.SerialNumber = "urn:uuid:" + hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-8" + hex[17:20] + "-" + hex[20:32]
	b.Product = &statement.Product{
		Name: fmt.Sprintf("relay %08d", i), Version: "1" + take(statement.MaxText-1),
		CPE: "cpe:2.3:h:vendor:relay:1:" + take(3900), PURL: "pkg:generic/relay@1" + take(3900),
	}
	return b
}

func leafOf(f *foundation, seed uint64, i, filling int) ([]byte, error) {
	payload, err := statement.NewBOM(bom(seed, i, filling))
	if err != nil {
		return nil, err
	}
	return envelope.Sign(envelope.PayloadType, payload, f.vendors[i%vendors])
}

// fillingFor returns how much filling makes the longest leaf of at most size
// bytes, and how long that is.
func fillingFor(f *foundation, seed uint64, size int) (filling, length int, err error) {
	for step := 1 << 14; step > 0; step >>= 1 {
		leaf, err := leafOf(f, seed, 0, filling+step)
		if err == nil && len(leaf) <= size {
			filling, length = filling+step, len(leaf)
		}
	}
	if length == 0 {
		return 0, 0, fmt.Errorf("no statement has only %d bytes", size)
	}
	return filling, length, nil
}

// newCorpus makes the file of count leaves of at most size bytes, or goes on
// with one that an earlier run of the same seed left in the folder.
func newCorpus(dir string, f *foundation, seed uint64, size, count int, say io.Writer) (*corpus, error) {
	filling, length, err := fillingFor(f, seed, size)
	if err != nil {
		return nil, err
	}
	c := &corpus{Path: filepath.Join(dir, fmt.Sprintf("leaves-%d-%d", size, seed)), Size: length}
	file, err := os.OpenFile(c.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	c.Leaves = int(info.Size() / int64(length))
	if c.Leaves > 0 { // of another program, perhaps
		last := c.Leaves - 1
		want, err := leafOf(f, seed, last, filling)
		if err != nil {
			return nil, err
		}
		if have, err := c.leaf(file, last); err != nil || !bytes.Equal(have, want) {
			c.Leaves = 0
		}
	}
	if err := file.Truncate(int64(c.Leaves) * int64(length)); err != nil {
		return nil, err
	}
	if c.Leaves < count {
		fmt.Fprintf(say, "signing %d statements of %d bytes\n", count-c.Leaves, length)
	}
	for c.Leaves < count {
		n := min(count-c.Leaves, 4096)
		part := make([]byte, n*length)
		var wait sync.WaitGroup
		errs := make([]error, vendors)
		for w := range vendors {
			wait.Go(func() {
				for k := w; k < n && errs[w] == nil; k += vendors {
					leaf, err := leafOf(f, seed, c.Leaves+k, filling)
					if err == nil && len(leaf) != length {
						err = fmt.Errorf("leaf %d has %d bytes, not %d", c.Leaves+k, len(leaf), length)
					}
					copy(part[k*length:], leaf)
					errs[w] = err
				}
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		if _, err := file.WriteAt(part, int64(c.Leaves)*int64(length)); err != nil {
			return nil, err
		}
		c.Leaves += n
	}
	return c, file.Close()
}

// leaf reads one leaf into bytes of its own, as a request would bring it.
func (c *corpus) leaf(file io.ReaderAt, i int) ([]byte, error) {
	b := make([]byte, c.Size)
	_, err := file.ReadAt(b, int64(i)*int64(c.Size))
	return b, err
}

// saveFoundation writes what the children need of it.
func saveFoundation(path string, f *foundation) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

func loadFoundation(path string) (*foundation, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("a child needs its foundation: %w", err)
	}
	f := &foundation{}
	if err == nil {
		err = json.Unmarshal(raw, f)
	}
	return f, err
}
