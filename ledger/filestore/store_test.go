package filestore

import (
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger/sequencer"
	"github.com/yurai-ledger/yurai/ledger/sequencer/storetest"
)

func TestStore(t *testing.T) {
	for name, l := range map[string]layout{"tiny": tiny, "standard": {segment: standard.segment, step: standard.step, journal: 1 << 20, settle: standard.settle}} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Open {
				dir := t.TempDir() + "/a/log"
				inline := 3000
				l := l
				l.segment = max(l.segment, 512) // the suite has batches that large
				o := Options{Origin: storetest.Origin, layout: &l, inline: &inline}
				if err := Create(dir, o, time.Unix(0, 0)); err != nil {
					t.Fatal(err)
				}
				return func() (sequencer.Store, func() error, error) {
					s, err := Open(dir, o)
					if err != nil {
						return nil, nil, err
					}
					return s, s.Close, nil
				}
			})
		})
	}
}
