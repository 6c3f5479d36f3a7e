package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"

	"github.com/yurai-ledger/yurai/ledger"
)

// ConfigFormat is the "format" member of config.yaml.
const ConfigFormat = "yurai-config/1"

// Names in the folder of a ledger.
const (
	configName    = "config.yaml"
	keysName      = "keys"
	ed25519Name   = "keys/checkpoint-ed25519.key"
	mldsa44Name   = "keys/checkpoint-mldsa44.key"
	serviceName   = "keys/service.key"
	registrarName = "registrar.key"
	registrarPub  = "registrar.pub"
	trustName     = "trust.json"
	genesisName   = "genesis.statement.json"
	admissionName = "admission.statement.json"
	logName       = "log"
	blobsName     = "blobs"
	indexName     = "index"
	contentsName  = "contents" // within it
)

// maxFile bounds the files of the folder that are read whole, in bytes.
const maxFile = 256 << 10

// config is config.yaml.
type config struct {
	Format string `yaml:"format"`
	Origin string `yaml:"origin"`
}

func (c config) marshal() ([]byte, error) {
	b, err := yaml.Dump(c, yaml.WithV4Defaults())
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", configName, err)
	}
	return b, nil
}

// parseConfig reads config.yaml strictly: unknown and doubled members are
// refused, so that a setting misspelt is not a setting ignored.
func parseConfig(raw []byte) (config, error) {
	var c config
	if err := yaml.Load(raw, &c, yaml.WithV4Defaults(), yaml.WithKnownFields(), yaml.WithUniqueKeys()); err != nil {
		return config{}, refuse("SERVER-FOLDER-INVALID", "%s cannot be read: %w", configName, err)
	}
	if c.Format != ConfigFormat {
		return config{}, refuse("SERVER-FOLDER-INVALID", "%s has format %.40q, this program reads %q", configName, c.Format, ConfigFormat)
	}
	if err := ledger.CheckOrigin(c.Origin); err != nil {
		return config{}, refuse("SERVER-FOLDER-INVALID", "%s: %w", configName, err)
	}
	return c, nil
}

// readFile reads a file of the folder. One that is absent, too large, or no
// regular file means that this is not the folder of a ledger.
func readFile(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse("SERVER-FOLDER-INVALID", "%s has no %s", dir, name)
	case err != nil:
		return nil, refuse("SERVER-FOLDER-INVALID", "reading %s: %w", name, err)
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return nil, refuse("SERVER-FOLDER-INVALID", "%s is not a file of at most %d bytes", name, maxFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, refuse("SERVER-FOLDER-INVALID", "reading %s: %w", name, err)
	}
	return b, nil
}

// readSecret is readFile for a private key, which must be its owner's alone.
func readSecret(dir, name string) ([]byte, error) {
	b, err := readFile(dir, name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, refuse("SERVER-FOLDER-INVALID", "reading %s: %w", name, err)
	}
	if loose(info.Mode()) {
		return nil, refuse("SERVER-FOLDER-INVALID", "%s can be read by others: mode %v instead of 0600", name, info.Mode().Perm())
	}
	return b, nil
}

// writeFile writes a new file, durably, and never over one that is there.
func writeFile(dir, name string, b []byte) error {
	f, err := os.OpenFile(filepath.Join(dir, filepath.FromSlash(name)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// syncFolder makes the names in a folder durable, where folders can be synced.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if !foldersSync {
		err = nil
	}
	return errors.Join(err, f.Close())
}
