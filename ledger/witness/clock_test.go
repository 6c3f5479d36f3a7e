package witness

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/yurai-ledger/yurai/ledger"
)

// kept is the cosigned checkpoint of a size.
func kept(l *testLog, size int64) ledger.Signed {
	return ledger.Signed{Checkpoint: l.at(size), Note: l.note(size)}
}

func openClock(t *testing.T, disk *shim, l *testLog) *Clock {
	t.Helper()
	c, err := OpenClock(disk, l.log())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sizes(t *testing.T, c *Clock, after string, limit, most int) ([]int64, string) {
	t.Helper()
	list, err := c.Ticks(after, limit, most)
	if err != nil {
		t.Fatal(err)
	}
	var out []int64
	for _, x := range list {
		out, after = append(out, x.Size), x.At
	}
	return out, after
}

// One a minute is kept, over days and restarts, and whatever was published last is the
// newest.
func TestClock(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 60)
	disk := newShim()
	c := openClock(t, disk, l)
	if s, err := c.Newest(nil); s != nil || err != nil {
		t.Fatalf("newest = %v, %v", s, err)
	}
	now := noon.Add(11*time.Hour + 58*time.Minute) // shortly before midnight
	for size := int64(1); size <= 40; size++ {
		if err := c.Keep(kept(l, size), now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(20 * time.Second)
		if size == 20 {
			disk = disk.restart()
			c = openClock(t, disk, l)
		}
	}
	s, err := c.Newest(nil)
	if err != nil || s.Size != 40 {
		t.Fatalf("newest = %v, %v", s, err)
	}
	// 1, 4, 7 … are a minute apart; 21 is the first after the restart.
	want := []int64{1, 4, 7, 10, 13, 16, 19, 21, 24, 27, 30, 33, 36, 39}
	got, end := sizes(t, c, "", 100, 1<<20)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
	if more, _ := sizes(t, c, end, 100, 1<<20); len(more) > 0 {
		t.Errorf("behind the end are %v", more)
	}
	if len(c.days) != 2 {
		t.Errorf("days are %v", c.days)
	}
	var paged []int64
	for after := ""; ; {
		page, next := sizes(t, c, after, 3, 9000)
		if len(page) == 0 {
			break
		}
		if len(page) > 3 {
			t.Errorf("a page of %d", len(page))
		}
		paged, after = append(paged, page...), next
	}
	if fmt.Sprint(paged) != fmt.Sprint(want) {
		t.Errorf("page by page %v", paged)
	}
	if got, _ := sizes(t, c, c.days[1], 100, 1<<20); len(got) == 0 || got[0] != 7 {
		t.Errorf("of the second day are %v", got)
	}
	for index := int64(0); index < 50; index++ {
		before, behind, err := c.Around(index)
		if err != nil {
			t.Fatal(err)
		}
		wantBefore, wantBehind := "", ""
		for _, size := range want {
			if size <= index {
				wantBefore = string(l.note(size))
			} else if wantBehind == "" {
				wantBehind = string(l.note(size))
			}
		}
		if string(before) != wantBefore || string(behind) != wantBehind {
			t.Errorf("around %d are %.30q and %.30q", index, before, behind)
		}
	}
	if err := c.Flush(now, true); err != nil {
		t.Fatal(err)
	}
	if got, _ := sizes(t, c, end, 9, 1<<20); fmt.Sprint(got) != "[40]" {
		t.Errorf("flushed %v", got)
	}
	for _, after := range []string{"x", "2025-11-23.", "2025-11-23.-1", "2025-11-23.01", "2025-13-40", "../lock", "2025-11-23.1.2", ".5"} {
		if _, err := c.Ticks(after, 1, 1); code(err) != "WITNESS-CLOCK-PLACE" {
			t.Errorf("%q: %v", after, err)
		}
	}
	if err := c.Forget(); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Newest(nil); s != nil || err != nil {
		t.Errorf("forgotten is %v, %v", s, err)
	}
}

// A newest that is not what this log and its witnesses signed is no newest.
func TestNewestIsVerified(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 9)
	stranger := newTestLog(t, testOrigin, 2, "main", 9)
	disk := newShim()
	c := openClock(t, disk, l)
	for name, note := range map[string][]byte{
		"a stranger's": stranger.note(9), "bent": bytes.Replace(l.note(9), []byte("\n9\n"), []byte("\n8\n"), 1), "cut": l.note(9)[:100], "empty": {},
	} {
		disk.names[newestName] = &node{now: note}
		if s, err := c.Newest(nil); err == nil {
			t.Errorf("%s: %v", name, s)
		}
	}
	p, err := ledger.ParseWitnessPolicy("witness a " + newWitness(t, newShim(), testName, 9).Keys()[0] + "\nquorum a\n")
	if err != nil {
		t.Fatal(err)
	}
	disk.names[newestName] = &node{now: l.note(9)}
	if _, err := c.Newest(p); code(err) != "LOG-QUORUM-UNMET" {
		t.Errorf("without quorum: %v", err)
	}
}

// Killed or without power at any call, the newest that was kept before is still there
// or the one that was being kept is, and the clock opens and goes on.
func TestClockEveryCall(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 9)
	for n := 1; ; n++ {
		disk := newShim()
		openClock(t, disk, l)
		disk.stopAt = disk.calls + n
		done := int64(0)
		c, err := OpenClock(disk, l.log())
		if err == nil {
			for size := int64(1); size <= 4; size++ {
				if c.Keep(kept(l, size), noon.Add(time.Duration(size)*13*time.Hour)) != nil {
					break
				}
				done = size
			}
		}
		finished := disk.calls < disk.stopAt
		for round := range 4 {
			next := disk.copy()
			if round > 0 {
				next = disk.cut(seeded(uint64(n*10 + round)))
			}
			c, err := OpenClock(next, l.log())
			if err != nil {
				t.Fatalf("call %d: opening: %v", n, err)
			}
			s, err := c.Newest(nil)
			if err != nil || done > 0 && (s == nil || s.Size < done) {
				t.Fatalf("call %d: newest is %v after %d, %v", n, s, done, err)
			}
			if err := c.Keep(kept(l, 9), noon.Add(99*time.Hour)); err != nil {
				t.Fatal(err)
			}
			got, _ := sizes(t, c, "", 100, 1<<20)
			if len(got) < int(done) || got[len(got)-1] != 9 {
				t.Fatalf("call %d: kept are %v after %d", n, got, done)
			}
			for i, size := range got[:len(got)-1] {
				if size != int64(i)+1 {
					t.Fatalf("call %d: kept are %v", n, got)
				}
			}
		}
		if finished {
			return
		}
	}
}

// A record that is damaged, and not torn at the end, costs itself alone: what was kept
// behind it is shown, and is not written over.
func TestClockPassesOverDamage(t *testing.T) {
	l := newTestLog(t, testOrigin, 1, "main", 20)
	disk := newShim()
	c := openClock(t, disk, l)
	for size := int64(1); size <= 4; size++ {
		if err := c.Keep(kept(l, size), noon.Add(time.Duration(size)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	name := ClockFolder + "/" + noon.Format(dayForm)
	whole := bytes.Clone(disk.names[name].now)
	begin := RecordLen(l.note(1))
	for at := begin; at < begin+RecordLen(l.note(2)); at += 5 {
		bent := bytes.Clone(whole)
		bent[at] ^= 0x10
		disk.names[name] = &node{now: bent}
		c := openClock(t, disk, l)
		if got, _ := sizes(t, c, "", 9, 1<<20); fmt.Sprint(got) != "[1 3 4]" {
			t.Fatalf("byte %d: %v", at, got)
		}
		if at%40 != 0 {
			continue
		}
		if err := c.Keep(kept(l, 9), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, _ := sizes(t, openClock(t, disk, l), "", 9, 1<<20); fmt.Sprint(got) != "[1 3 4 9]" {
			t.Fatalf("byte %d, and going on: %v", at, got)
		}
	}
}
