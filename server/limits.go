package server

import "time"

// Bounds of what one client, and all of them together, may ask for.
const (
	maxStatement    = 128 << 10 // bytes of a submitted statement; a leaf has 64 KiB, white space and escapes the rest
	maxFormSlack    = 64 << 10  // bytes of a form beside its parts: boundaries and headers
	maxPartHeaders  = 8         // headers of one part
	maxHeaderBytes  = 32 << 10  // bytes of a request's headers
	maxConnections  = 1024      // open at one time; idle ones give way
	maxRequests     = 256       // worked on at one time, health checks aside
	maxOutgoing     = 64 << 20  // bytes of answers that are being sent and count as no request any more
	maxBundles      = 16        // assembled at one time
	maxIntakeMemory = 256 << 20 // bytes of submissions held at one time
	maxBOM          = 128 << 20 // bytes of one bill of materials, whatever an admission says
	maxDepth        = 1024      // nesting of one, whatever an admission says
	maxBlobMemory   = 256 << 20 // bytes of blobs held at one time
	maxTail         = 4096      // entries read past the index for one look-up
	maxCandidates   = 1 << 16   // index hits followed for one look-up
	maxTermText     = 4096      // bytes of a text that is searched for, as many as an advisory can name
	maxPage         = 1000      // entries of one page of a search
	maxPageReads    = 4096      // entries read for one page of a search
	maxPageBytes    = 32 << 20  // bytes of bills of materials examined for one page, beside the first
	maxExamined     = 32 << 20  // bytes of the largest one that searches look into
	maxEntryTerms   = 1 << 17   // terms inside one that are indexed
	maxBatchTerms   = 1 << 18   // of all that are indexed with one write, about
	maxBatchBytes   = 32 << 20  // bytes of those examined for one write, about
	defaultTicks    = 60        // cosigned checkpoints of one page of the clock
	maxTicks        = 1440      // that a client may ask for
	maxTickBytes    = 8 << 20   // bytes of them
	maxReaders      = 2         // examined at one time for searches and their index
)

// clockPause is the time between looks at what the clock has to keep.
const clockPause = 10 * time.Second

// timeouts bound how long a client may take.
type timeouts struct {
	header time.Duration // from connection to the end of the headers
	body   time.Duration // to the end of the request
	answer time.Duration // to the end of the answer
	piece  time.Duration // to take each 64 KiB of the answer
	idle   time.Duration // between requests
	drain  time.Duration // for requests in flight when the server stops
	queue  time.Duration // for a free slot to examine a bill of materials
}

var defaultTimeouts = timeouts{
	header: 10 * time.Second,
	body:   2 * time.Minute,
	answer: 5 * time.Minute,
	piece:  20 * time.Second,
	idle:   2 * time.Minute,
	drain:  30 * time.Second,
	queue:  10 * time.Second,
}
