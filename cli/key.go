package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/yurai-ledger/yurai/sbom/envelope"
)

func newKey(e *environment) *cobra.Command {
	cmd := group(e, &cobra.Command{Use: "key", Short: "Make keys"})
	cmd.AddCommand(newKeyNew(e))
	return cmd
}

func newKeyNew(e *environment) *cobra.Command {
	var file, algorithm string
	cmd := leaf(e, &cobra.Command{
		Use:   "new -o vendor.key [--algorithm ed25519|ecdsa-p256]",
		Short: "Make a private key and its public key; prints the key id",
		Long: `Make a private key as plain PKCS #8 PEM that only its owner can read, and beside
it the public key as PEM (vendor.key gives vendor.pub). Neither is ever overwritten.
The key id on standard output is SHA-256 of the public key's SubjectPublicKeyInfo.`,
		Example: "  yurai key new -o vendor.key",
	}, cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		if err := require(cmd, "output"); err != nil {
			return err
		}
		if algorithm != envelope.Ed25519 && algorithm != envelope.ECDSAP256 {
			return misuse(cmd, "--algorithm %q is none of %s, %s", algorithm, envelope.Ed25519, envelope.ECDSAP256)
		}
		public := swapSuffix(file, ".key", ".pub")
		if exists(public) {
			return refuse("CLI-FILE-EXISTS", "%s exists and is left as it is", public)
		}
		signer, err := envelope.NewSigner(algorithm, nil)
		if err != nil {
			return err
		}
		private, err := signer.MarshalPEM()
		if err != nil {
			return err
		}
		if err := createFile(file, private, 0o600); err != nil {
			return err
		}
		if err := createFile(public, signer.PublicPEM(), 0o644); err != nil {
			return errors.Join(err, os.Remove(file))
		}
		fmt.Fprintln(e.stdout, signer.Key().ID())
		return nil
	})
	cmd.Flags().StringVarP(&file, "output", "o", "", "`FILE` for the private key")
	cmd.Flags().StringVar(&algorithm, "algorithm", envelope.Ed25519, "ed25519 or ecdsa-p256")
	return cmd
}

// readSigner reads a private key.
func readSigner(file string) (*envelope.Signer, error) {
	raw, err := readFile(file, maxKeyFile)
	if err != nil {
		return nil, err
	}
	s, err := envelope.ParsePrivatePEM(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// readSigners reads several private keys and refuses one that is named twice.
func readSigners(files []string) ([]*envelope.Signer, error) {
	var signers []*envelope.Signer
	seen := map[string]string{}
	for _, f := range files {
		s, err := readSigner(f)
		if err != nil {
			return nil, err
		}
		if first, twice := seen[s.Key().ID()]; twice {
			return nil, refuse("CLI-KEY-TWICE", "%s and %s hold the same key", first, f)
		}
		seen[s.Key().ID()] = f
		signers = append(signers, s)
	}
	return signers, nil
}
