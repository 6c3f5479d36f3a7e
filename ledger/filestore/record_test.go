package filestore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// sampleRecord has a value in every field.
func sampleRecord() Record {
	return Record{
		Sequence: 7, Size: 70000, Root: ledger.LeafHash([]byte("root")), Time: time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC),
		SegmentStart: 131072000, EntriesEnd: 140000000, DerivedTo: 65536, AppAt: 60000,
		App: sha256.Sum256([]byte("app")), Epoch: [16]byte{1, 2, 3, 15: 16}, Origin: sha256.Sum256([]byte(testOrigin)), Previous: sha256.Sum256([]byte("previous")),
	}
}

// TestRecordIsFrozen pins the bytes of a record: a log in use cannot change them.
func TestRecordIsFrozen(t *testing.T) {
	for _, test := range []struct {
		entries int
		carried bool
		length  int
		sum     string
	}{
		{0, false, 8192, "19b802917949952d"},
		{0, true, 8192, "89f5ee2e79f32bff"},
		{7168, false, 8192, "631854a094865139"},
		{7169, false, 12288, "067178cc6be74864"},
		{40000, false, 40960 + 4096, "a4dd58f81484480c"},
	} {
		entries := bytes.Repeat([]byte("0123456789abcdef"), test.entries/16+1)[:test.entries]
		b := encodeRecord(sampleRecord(), entries, test.carried, 0x0102030405060708)
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:8]); len(b) != test.length || got != test.sum {
			t.Errorf("record with %d bytes of entries has %d bytes, %s; want %d, %s", test.entries, len(b), got, test.length, test.sum)
		}
		for copy, at := range map[int]int{1: 0, 2: len(b) - blockLen} {
			f, err := parseHead(b[at:])
			if err != nil || f.Record != sampleRecord() || f.copy != copy || f.carried != test.carried || f.mark != 0x0102030405060708 || f.length != len(b) || f.inline != test.entries {
				t.Errorf("copy %d parses as %+v, %v", copy, f, err)
			}
			if got, intact := f.inlineEntries(b); !intact || !bytes.Equal(got, entries) {
				t.Errorf("the entries of copy %d are not what was put in", copy)
			}
		}
	}
}

func TestMalformedHeads(t *testing.T) {
	good := encodeRecord(sampleRecord(), []byte("\x00\x01x"), false, 9)[:headLen]
	sealed := func(change func(b []byte)) []byte {
		b := bytes.Clone(good)
		change(b)
		check := sha256.Sum256(b[:atCheck])
		copy(b[atCheck:], check[:])
		return b
	}
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"cut off":          good[:headLen-1],
		"zeros":            make([]byte, headLen),
		"magic":            sealed(func(b []byte) { b[0] = 'Y' }),
		"copy 0":           sealed(func(b []byte) { b[atCopy] = 0 }),
		"copy 3":           sealed(func(b []byte) { b[atCopy] = 3 }),
		"unknown flag":     sealed(func(b []byte) { b[atFlags] = 2 }),
		"reserved":         sealed(func(b []byte) { b[20] = 1 }),
		"reserved at end":  sealed(func(b []byte) { b[atCheck-1] = 1 }),
		"length":           sealed(func(b []byte) { b[atLength+2] = 0x30 }),
		"inline too long":  sealed(func(b []byte) { b[atInline] = 0x7f }),
		"carried with own": sealed(func(b []byte) { b[atFlags] = flagCarried }),
		"own hash":         sealed(func(b []byte) { b[atOwn] ^= 1 }),
		"root":             sealed(func(b []byte) { b[atCore+16] ^= 1 }),
		"negative size":    sealed(func(b []byte) { b[atCore+8] = 0x80 }),
		"derived above":    sealed(func(b []byte) { b[atCore+64+5] = 0xff }),
	} {
		if f, err := parseHead(b); code(err) != "STORE-RECORD-MALFORMED" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if _, err := parseHead(sealed(func(b []byte) { b[atVersion+1] = 2 })); code(err) != "STORE-VERSION-UNKNOWN" {
		t.Errorf("newer version: %v", err)
	}
	for at := range headLen {
		b := bytes.Clone(good)
		b[at] ^= 0x10
		if _, err := parseHead(b); err == nil {
			t.Errorf("a flipped bit of byte %d is not noticed", at)
		}
	}
}

// FuzzParseHead holds that what parses encodes to the same bytes.
func FuzzParseHead(f *testing.F) {
	n := 0
	for _, entries := range []int{0, 1, 7168, 7169} {
		for _, carried := range []bool{false, true} {
			if carried && entries > 0 {
				continue
			}
			b := encodeRecord(sampleRecord(), make([]byte, entries), carried, uint64(entries))
			f.Add(b[:headLen])
			f.Add(b[len(b)-blockLen:][:headLen])
			n += 2
		}
	}
	if n == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		// A checksum is no obstacle for a mutation that mends it.
		if len(b) >= headLen {
			b = bytes.Clone(b[:headLen])
			check := sha256.Sum256(b[:atCheck])
			copy(b[atCheck:], check[:])
		}
		h, err := parseHead(b)
		if err != nil {
			if c := code(err); c != "STORE-RECORD-MALFORMED" && c != "STORE-VERSION-UNKNOWN" {
				t.Fatalf("error without its code: %v", err)
			}
			return
		}
		again := make([]byte, headLen)
		h.put(again)
		if !bytes.Equal(again, b) {
			t.Fatalf("parsed %+v encodes to other bytes", h)
		}
	})
}

// FuzzScanSegment feeds whole segments: no panic, a chain or a refusal.
func FuzzScanSegment(f *testing.F) {
	origin := sha256.Sum256([]byte(testOrigin))
	first := Record{Root: ledger.EmptyRoot, Time: time.Unix(0, 0).UTC(), Origin: origin}
	second := first
	second.Sequence, second.Size, second.EntriesEnd, second.Previous = 1, 1, 3, first.Hash()
	segment := append(encodeRecord(first, nil, false, 0), encodeRecord(second, []byte("\x00\x01x"), false, 0)...)
	f.Add(segment, 0, byte(0))
	f.Add(segment, 9000, byte(1))
	f.Add(segment[:blockLen*3], 5, byte(7))
	f.Fuzz(func(t *testing.T, b []byte, at int, with byte) {
		if len(b) > 1<<16 {
			return
		}
		if at >= 0 && at < len(b) {
			b = bytes.Clone(b)
			b[at] ^= with
		}
		list, err := scanSegment(b, 0, origin, 256)
		if err != nil && code(err) == "" {
			t.Fatalf("error without a code: %v", err)
		}
		for i, r := range list {
			if r.Sequence != int64(i) {
				t.Fatalf("record %d has number %d", i, r.Sequence)
			}
		}
	})
}
