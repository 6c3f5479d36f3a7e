package client

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/yurai-ledger/yurai/ledger"
)

// MemoryFormat is the "format" member of a memory file.
const MemoryFormat = "yurai-memory/1"

// Bounds of a memory file.
const (
	MaxMemory     = 16 << 20 // bytes
	maxMemoryLogs = 64
)

// Seen is what a client remembers of one log. Every checkpoint in it was
// verified, and all are of one history as far as was seen.
type Seen struct {
	Published *ledger.Signed     // the newest /checkpoint; nil before the first contact
	Committed *ledger.Signed     // the newest in a receipt or a bundle
	Folder    *ledger.Checkpoint // the newest head of the log's own folder that an audit found clean; nobody signed it
}

// None reports whether nothing is remembered.
func (s Seen) None() bool { return s == Seen{} }

// Same reports whether both remember the same trees.
func (s Seen) Same(o Seen) bool {
	signed := func(a, b *ledger.Signed) bool {
		return a == nil && b == nil || a != nil && b != nil && a.Checkpoint == b.Checkpoint
	}
	folder := s.Folder == nil && o.Folder == nil || s.Folder != nil && o.Folder != nil && *s.Folder == *o.Folder
	return signed(s.Published, o.Published) && signed(s.Committed, o.Committed) && folder
}

// Memory is what a client remembers of the logs that one trust file names. The
// zero Memory remembers nothing.
type Memory struct {
	logs []memoryLog // ascending by origin; those that the trust file does not name are kept as they are
	seen map[string]Seen
}

type memoryFile struct {
	Format string      `json:"format"`
	Logs   []memoryLog `json:"logs"`
}

type memoryLog struct {
	Origin    string      `json:"origin"`
	Published string      `json:"published,omitzero"` // signed note
	Committed string      `json:"committed,omitzero"` // signed note
	Folder    *memoryHead `json:"folder,omitzero"`
}

type memoryHead struct {
	Size int64       `json:"size"`
	Root ledger.Hash `json:"root"`
}

// ParseMemory reads a memory file and verifies every checkpoint in it of a log
// that the trust file names, under the keys that it names. It refuses other
// formats, unknown or doubled members and impossible trees with
// CLIENT-MEMORY-MALFORMED, and with CLIENT-MEMORY-OTHER a memory of other logs
// alone, or one with a checkpoint that does not verify: it belongs to another
// trust file, or somebody changed it.
func ParseMemory(raw []byte, t *ledger.Trust) (*Memory, error) {
	malformed := func(format string, args ...any) error {
		return ledger.Refuse("CLIENT-MEMORY-MALFORMED", format, args...)
	}
	if len(raw) > MaxMemory {
		return nil, malformed("a memory of %d bytes is over the limit of %d", len(raw), MaxMemory)
	}
	var head struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, malformed("the memory is not strict JSON: %w", err)
	}
	if head.Format != MemoryFormat {
		return nil, malformed("the memory has format %.40q, this program reads %q", head.Format, MemoryFormat)
	}
	var f memoryFile
	if err := json.Unmarshal(raw, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, malformed("the memory: %w", err)
	}
	if len(f.Logs) < 1 || len(f.Logs) > maxMemoryLogs {
		return nil, malformed("the memory is of %d logs, not 1 to %d", len(f.Logs), maxMemoryLogs)
	}
	m := &Memory{logs: f.Logs, seen: map[string]Seen{}}
	for i, l := range f.Logs {
		if err := ledger.CheckOrigin(l.Origin); err != nil {
			return nil, malformed("the memory: %w", err)
		}
		if i > 0 && f.Logs[i-1].Origin >= l.Origin {
			return nil, malformed("the logs of the memory are not in ascending order, each once")
		}
		if l.Published == "" && l.Committed == "" && l.Folder == nil {
			return nil, malformed("the memory of %q remembers nothing", l.Origin)
		}
	}
	for _, l := range f.Logs {
		log, ok := t.Log(l.Origin)
		if !ok {
			continue
		}
		s, err := l.open(log)
		if err != nil {
			return nil, err
		}
		m.seen[l.Origin] = s
	}
	if len(m.seen) == 0 {
		return nil, ledger.Refuse("CLIENT-MEMORY-OTHER", "the memory is of log %q, which the trust file does not name", f.Logs[0].Origin)
	}
	return m, nil
}

func (l memoryLog) open(log ledger.TrustedLog) (Seen, error) {
	var s Seen
	for _, x := range []struct {
		note string
		to   **ledger.Signed
	}{{l.Published, &s.Published}, {l.Committed, &s.Committed}} {
		if x.note == "" {
			continue
		}
		c, err := ledger.OpenSigned([]byte(x.note), log.Origin, log.Keys...)
		if err != nil {
			return Seen{}, ledger.Refuse("CLIENT-MEMORY-OTHER", "a remembered checkpoint of %q does not verify: %w", log.Origin, err)
		}
		*x.to = &c
	}
	if l.Folder != nil {
		if l.Folder.Size < 0 || l.Folder.Size > ledger.MaxSize || l.Folder.Root.IsZero() {
			return Seen{}, ledger.Refuse("CLIENT-MEMORY-MALFORMED", "the memory of the folder of %q names no tree", l.Origin)
		}
		s.Folder = &ledger.Checkpoint{Origin: l.Origin, Size: l.Folder.Size, Root: l.Folder.Root}
	}
	return s, nil
}

// Seen returns what is remembered of the log with this origin.
func (m *Memory) Seen(origin string) Seen {
	if m == nil {
		return Seen{}
	}
	return m.seen[origin]
}

// With returns a memory that remembers s of the log with this origin, which is
// not nothing, and else what m does.
func (m *Memory) With(origin string, s Seen) *Memory {
	n := &Memory{seen: map[string]Seen{origin: s}}
	if m != nil {
		n.logs = slices.Clone(m.logs)
		for o, x := range m.seen {
			if o != origin {
				n.seen[o] = x
			}
		}
	}
	l := memoryLog{Origin: origin}
	if s.Published != nil {
		l.Published = string(s.Published.Note)
	}
	if s.Committed != nil {
		l.Committed = string(s.Committed.Note)
	}
	if s.Folder != nil {
		l.Folder = &memoryHead{s.Folder.Size, s.Folder.Root}
	}
	i, found := slices.BinarySearchFunc(n.logs, origin, func(l memoryLog, o string) int { return strings.Compare(l.Origin, o) })
	if found {
		n.logs[i] = l
	} else {
		n.logs = slices.Insert(n.logs, i, l)
	}
	return n
}

// Marshal returns the memory as indented JSON, ending in a newline.
func (m *Memory) Marshal() ([]byte, error) {
	raw, err := json.Marshal(memoryFile{MemoryFormat, m.logs}, jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}
