package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/sbom/statement"
)

// readProfiles reads bundles of profiles and files that open them. What does not verify,
// or opens nothing, ends the command: it was handed over to count.
func (c *checking) readProfiles(ctx context.Context, k *keeping, files, openings []string) error {
	var bundles []*receiving.Bundle
	for _, name := range files {
		h, err := c.e.readBundle(name, c.trust)
		if err != nil {
			return err
		}
		bundles = append(bundles, c.renew(ctx, name, h).bundle)
	}
	var list []*statement.Openings
	for _, name := range openings {
		raw, err := c.e.readInput(name, statement.MaxOpenings)
		if err != nil {
			return err
		}
		o, err := statement.ParseOpenings(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		list, k.openings = append(list, o), append(k.openings, raw)
	}
	var err error
	if c.profiles, err = receiving.OpenProfiles(bundles, list, c.trust); err != nil {
		return err
	}
	for _, p := range c.profiles {
		c.see(p.Checkpoint())
	}
	k.profiles = bundles
	return nil
}

// readPolicyEntry reads the bundle beside a policy that the trust file pins, if it is
// there.
func (c *checking) readPolicyEntry(ctx context.Context, k *keeping, policyFile string) error {
	if c.trust.Policy == nil || policyFile == "" || policyFile == "-" {
		return nil
	}
	name := bundleName(policyFile)
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	h, err := c.e.readBundle(name, c.trust)
	if err != nil {
		return err
	}
	k.policyEntry = c.renew(ctx, name, h).bundle
	if c.policyEntry, err = receiving.OpenPolicy(k.policyEntry, c.trust); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.see(c.policyEntry.Checkpoint())
	return nil
}

// renew returns the bundle of the same entry as the server has it now, with what the
// one at hand opens, or the one at hand if that is as new or there is no answer.
func (c *checking) renew(ctx context.Context, name string, own held) held {
	c.see(own.signed())
	if c.remote == nil || own.bundle.Log != c.remote.log.Origin || c.forks[own.bundle.Log] != nil {
		return own
	}
	accuse := func(err error) held {
		if exitOf(err) == exitMisbehaved {
			err = c.memory.accuse(err)
			c.forks[own.bundle.Log] = err
		}
		c.e.complainAbout(name, err)
		return own
	}
	if own.evidence.Checkpoint.Size <= c.head.Size {
		if err := c.remote.consistent(ctx, own.signed(), c.head); err != nil {
			return accuse(err)
		}
	}
	fresh, err := c.remote.bundle(ctx, own.evidence.Index, c.trust)
	if err == nil && (fresh.evidence.Index != own.evidence.Index || ledger.LeafHash(fresh.evidence.Leaf) != ledger.LeafHash(own.evidence.Leaf)) {
		err = refuse("CLI-ANSWER-MALFORMED", "%s answers with another entry than %d", c.remote.base, own.evidence.Index)
	}
	if err == nil {
		c.see(fresh.signed())
		err = c.memory.committed(ctx, c.remote, fresh.signed())
	}
	switch {
	case err != nil:
		return accuse(err)
	case fresh.evidence.Checkpoint.Size < own.evidence.Checkpoint.Size, worse(fresh, own, c.trust, c.at):
		return own
	}
	fresh.bundle.Openings = own.bundle.Openings
	return fresh
}
