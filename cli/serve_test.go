package cli

import (
	"math"
	"testing"
)

func TestSize(t *testing.T) {
	for _, test := range []struct {
		text, shown string
		want        int64
	}{
		{"0", "0", 0},
		{"1", "1", 1},
		{"1000", "1000", 1000},
		{"2048", "2KiB", 2048},
		{"512MiB", "512MiB", 512 << 20},
		{"1024MiB", "1GiB", 1 << 30},
		{"8589934591GiB", "8589934591GiB", 8589934591 << 30},
		{"9223372036854775807", "9223372036854775807", math.MaxInt64},
	} {
		var s size
		if err := s.Set(test.text); err != nil || int64(s) != test.want || s.String() != test.shown {
			t.Errorf("%q is %d, %q, %v; want %d, %q", test.text, s, s.String(), err, test.want, test.shown)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "+1", "1.5GiB", "1 GiB", "1GB", "1mib", "0x10", "1_000", "8589934592GiB", "9223372036854775808", "1GiBMiB"} {
		s := size(7)
		if err := s.Set(text); err == nil || s != 7 {
			t.Errorf("%q is taken for %d", text, s)
		}
	}
}
