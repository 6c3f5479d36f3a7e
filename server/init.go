package server

import (
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/envelope"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// InitOptions say what the new ledger is. Origin is needed; the rest may stay zero.
type InitOptions struct {
	Origin string           // of the log, such as ledger.example/jp-power-2026
	Clock  func() time.Time // nil is time.Now
	Rand   io.Reader        // for five keys, 32 bytes and more each; nil is crypto/rand

	Predecessor *statement.Predecessor // tree of the log that it follows on; nil for none
}

// trustYears is how long the trust file of a new ledger is good.
const trustYears = 1

// Init makes the folder of a new ledger: keys, trust file, and the signed
// genesis and admission that the first Serve records. Everything is durable
// when it returns; if it fails it removes what it made. A folder that exists and
// is not empty is SERVER-FOLDER-EXISTS, an origin that no log can have
// STATEMENT-ORIGIN-MALFORMED.
func Init(dir string, o InitOptions) error {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Rand == nil {
		o.Rand = cryptorand.Reader
	}
	if err := statement.CheckOrigin(o.Origin); err != nil {
		return err
	}
	files, err := newFiles(o)
	if err != nil {
		return err
	}
	made, err := claim(dir)
	if err != nil {
		return err
	}
	if err := fill(dir, files); err != nil {
		return errors.Join(err, discard(dir, files, made))
	}
	return nil
}

// file is one file of a new folder.
type file struct {
	name  string
	bytes []byte
}

// newFiles returns what a new folder holds, config.yaml last: it is the commit
// point, a folder without it is no ledger.
func newFiles(o InitOptions) ([]file, error) {
	now := o.Clock().UTC().Truncate(time.Second)
	ed, err := ledger.NewSigner(ledger.Ed25519, o.Origin, o.Rand)
	if err != nil {
		return nil, err
	}
	ml, err := ledger.NewSigner(ledger.MLDSA44, o.Origin, o.Rand)
	if err != nil {
		return nil, err
	}
	service, err := envelope.NewSigner(envelope.Ed25519, o.Rand)
	if err != nil {
		return nil, err
	}
	registrar, err := envelope.NewSigner(envelope.Ed25519, o.Rand)
	if err != nil {
		return nil, err
	}
	genesis, err := seal(registrar)(statement.NewGenesis(statement.Genesis{
		Head:       statement.Head{Log: o.Origin, Made: now},
		Checkpoint: []string{ed.VKey(), ml.VKey()},
		Parties: statement.Founders{
			Registrar: statement.NewKeySet(1, registrar.Key()),
			Log:       statement.NewKeySet(1, service.Key()),
		},
		Rules:       statement.Rules,
		Predecessor: o.Predecessor,
	}))
	if err != nil {
		return nil, err
	}
	admission, err := seal(registrar)(statement.NewAdmission(statement.Admission{
		Head:       statement.Head{Log: o.Origin, Made: now},
		Kinds:      statement.Admissible(),
		Algorithms: []string{envelope.ECDSAP256, envelope.Ed25519},
		Limits: statement.Limits{
			BOMBytes:     int64(sbom.DefaultLimits.Bytes),
			Depth:        int64(sbom.DefaultLimits.Depth),
			SpecVersions: sbom.SpecVersions(),
		},
	}))
	if err != nil {
		return nil, err
	}
	trust, err := newTrust(o.Origin, now, genesis, ed, ml)
	if err != nil {
		return nil, err
	}
	servicePEM, err := service.MarshalPEM()
	if err != nil {
		return nil, err
	}
	registrarPEM, err := registrar.MarshalPEM()
	if err != nil {
		return nil, err
	}
	settings, err := config{Format: ConfigFormat, Origin: o.Origin}.marshal()
	if err != nil {
		return nil, err
	}
	return []file{
		{ed25519Name, ed.Marshal()},
		{mldsa44Name, ml.Marshal()},
		{serviceName, servicePEM},
		{registrarName, registrarPEM},
		{registrarPub, registrar.PublicPEM()},
		{trustName, trust},
		{genesisName, genesis},
		{admissionName, admission},
		{configName, settings},
	}, nil
}

// seal signs a payload that was made without error.
func seal(signer *envelope.Signer) func(payload []byte, err error) ([]byte, error) {
	return func(payload []byte, err error) ([]byte, error) {
		if err != nil {
			return nil, err
		}
		return envelope.Sign(envelope.PayloadType, payload, signer)
	}
}

func newTrust(origin string, now time.Time, genesis []byte, signers ...*ledger.Signer) ([]byte, error) {
	log := ledger.TrustedLog{Origin: origin, Genesis: ledger.LeafHash(genesis)}
	for _, s := range signers {
		v, err := ledger.ParseVerifier(s.VKey())
		if err != nil {
			return nil, err
		}
		log.Keys = append(log.Keys, v)
	}
	t := ledger.Trust{Version: 1, Expires: now.AddDate(trustYears, 0, 0), Logs: []ledger.TrustedLog{log}}
	return t.Marshal()
}

// claim makes the folder or takes an empty one, and reports whether it made it.
func claim(dir string) (made bool, err error) {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return false, fmt.Errorf("making the folder: %w", err)
		}
		return true, nil
	case err != nil:
		return false, refuse("SERVER-FOLDER-EXISTS", "%s cannot be the folder of a new ledger: %w", dir, err)
	case len(list) > 0:
		return false, refuse("SERVER-FOLDER-EXISTS", "%s is not empty", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return false, fmt.Errorf("closing the folder to others: %w", err)
	}
	return false, nil
}

func fill(dir string, files []file) error {
	keys := filepath.Join(dir, keysName)
	if err := os.Mkdir(keys, 0o700); err != nil {
		return fmt.Errorf("making the folder of keys: %w", err)
	}
	last := len(files) - 1
	for _, f := range files[:last] {
		if err := writeFile(dir, f.name, f.bytes); err != nil {
			return err
		}
	}
	for _, d := range []string{keys, dir} {
		if err := syncFolder(d); err != nil {
			return fmt.Errorf("syncing %s: %w", d, err)
		}
	}
	if err := writeFile(dir, files[last].name, files[last].bytes); err != nil {
		return err
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := syncFolder(d); err != nil {
			return fmt.Errorf("syncing %s: %w", d, err)
		}
	}
	return nil
}

// discard removes what an unfinished Init made, and nothing else.
func discard(dir string, files []file, made bool) error {
	var list []error
	remove := func(path string) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			list = append(list, err)
		}
	}
	for _, f := range files {
		remove(filepath.Join(dir, filepath.FromSlash(f.name)))
	}
	remove(filepath.Join(dir, keysName))
	if made {
		remove(dir)
	}
	return errors.Join(list...)
}
