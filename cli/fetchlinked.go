package cli

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"

	"github.com/yurai-ledger/yurai/ledger"
	"github.com/yurai-ledger/yurai/sbom"
	"github.com/yurai-ledger/yurai/sbom/origin"
	"github.com/yurai-ledger/yurai/sbom/receiving"
	"github.com/yurai-ledger/yurai/server/problem"
)

// maxLinkedBytes bounds what is fetched for one file, in bytes of documents.
const maxLinkedBytes = 256 << 20

// collecting fetches what a file links to into the folder beside it. URLs of links
// are text: nothing but the log's server is asked, and only for bytes by their
// digest.
type collecting struct {
	e      *environment
	memory *memory
	remote *remote
	head   ledger.Signed
	folder string

	seen  map[ledger.Hash]bool
	bytes int // of documents, fetched or at hand
	code  int
}

// leading is a document whose links are to be followed.
type leading struct {
	name string // sha256:<hex>, "" for the file itself
	doc  *sbom.Document
	far  int
}

// collect follows the links of a file, nearest first. What cannot be had is said
// and is no error, unless the server gave other bytes than it was asked for. It
// returns the exit code.
func (c *collecting) collect(ctx context.Context, raw []byte) (int, error) {
	own, findings := sbom.Admit(raw, sbom.DefaultLimits)
	if own == nil {
		return 0, sbom.FirstError(findings)
	}
	c.seen = map[ledger.Hash]bool{ledger.Hash(own.Digest): true}
	todo, beyond := []leading{{"", own, 0}}, 0
	for k := 0; k < len(todo); k++ {
		from := todo[k]
		for _, link := range origin.Read(from.doc).Links() {
			at := link.Pointer
			if from.name != "" {
				at = from.name + "#" + at
			}
			target, ok := link.Target()
			sum := ledger.Hash(target)
			switch {
			case !ok:
				c.e.printf("not fetched: %s states no SHA-256\n", "取得できません：%s にSHA-256の記載がありません\n", at)
				continue
			case c.seen[sum]:
				continue
			case from.far == receiving.MaxLinkDepth || len(c.seen) > receiving.MaxLinked || c.bytes >= maxLinkedBytes:
				beyond++
				continue
			}
			c.seen[sum] = true
			next, err := c.fetch(ctx, sum)
			switch {
			case ctx.Err() != nil:
				return 0, ctx.Err()
			case problem.Code(err) == "CLIENT-SERVER-UNREACHABLE" || exitOf(err) == exitMisbehaved:
				return 0, err
			case err != nil:
				c.e.complainAbout(at, err)
				c.code = worst(c.code, exitOf(err))
			}
			if next == nil {
				continue
			}
			c.bytes += len(next)
			doc, findings := sbom.Admit(next, sbom.DefaultLimits)
			if doc == nil {
				c.e.complainAbout(sum.String(), sbom.FirstError(findings))
				continue
			}
			todo = append(todo, leading{sum.String(), doc, from.far + 1})
		}
	}
	if beyond > 0 {
		c.e.printf("not fetched: %d links lead beyond the bounds\n", "取得できません：上限を超える参照が%d件あります\n", beyond)
	}
	return c.code, nil
}

// fetch puts a document and its bundle into the folder, and returns the document:
// nil, without an error, if nobody gives it.
func (c *collecting) fetch(ctx context.Context, sum ledger.Hash) ([]byte, error) {
	file := filepath.Join(c.folder, sum.String()[len("sha256:"):]+".cdx.json")
	old, _ := c.e.localBundle(bundleName(file), c.memory.trust)
	found, err := c.remote.find(ctx, sum, c.head.Checkpoint, old, c.memory.trust)
	switch {
	case problem.Code(err) == "LOG-ENTRY-ABSENT":
		c.e.printf("not in the log: %s\n", "台帳にありません：%s\n", sum)
		return nil, nil
	case err != nil:
		return nil, err
	}
	raw, err := readFile(file, maxBOM)
	if err != nil || hexSum(raw) != sum.String()[len("sha256:"):] {
		raw, err = c.blob(ctx, sum)
		if raw == nil || err != nil {
			if err == nil {
				c.e.printf("held: %s is entry %d of %s: ask %s for it\n", "非公開：%s は %[3]s の記録 %[2]d です。%[4]s に求めてください\n", sum, found.evidence.Index, found.bundle.Log, found.evidence.Party)
			}
			return nil, err
		}
		if err := os.MkdirAll(c.folder, 0o755); err != nil {
			return nil, refuse("CLI-FILE-UNWRITABLE", "%s: %w", c.folder, plainPath(err))
		}
		if err := replaceFile(file, raw, 0o644); err != nil {
			return nil, err
		}
	}
	if err := c.memory.keepNewer(ctx, c.remote, bundleName(file), *found); err != nil {
		return nil, err
	}
	c.e.printf("entry %d of %s: %s\n", "%[2]s の記録 %[1]d：%[3]s\n", found.evidence.Index, found.bundle.Log, file)
	return raw, nil
}

// blob asks the server for bytes by their digest: nil if they are held. Other bytes
// are refused before anything reads them (CLI-BLOB-OTHER).
func (c *collecting) blob(ctx context.Context, sum ledger.Hash) ([]byte, error) {
	raw, err := c.remote.get(ctx, "blobs/sha256/"+sum.String()[len("sha256:"):], min(sbom.DefaultLimits.Bytes, maxLinkedBytes-c.bytes))
	if doc := (*problem.Document)(nil); errors.As(err, &doc) && doc.Status == http.StatusForbidden {
		return nil, nil
	}
	if err != nil {
		return nil, unanswered(err)
	}
	if got := hexSum(raw); got != sum.String()[len("sha256:"):] {
		return nil, refuse("CLI-BLOB-OTHER", "%s sent sha256:%s for %s", c.remote.base, got, sum)
	}
	return raw, nil
}
