package witness

import "time"

// Bounds of what is read from others.
const (
	MaxRequest = 72 << 10 // bytes of one add-checkpoint: 63 hashes, and a checkpoint of ledger.MaxCheckpoint
	maxAnswer  = 64 << 10 // bytes of a witness's answer
	maxHeaders = 16 << 10 // bytes of its headers
	maxState   = 96 << 10 // bytes of a state file: a checkpoint and our own lines
	maxFile    = 64 << 10 // bytes of any other file of the folder
	maxLogs    = 4096     // logs of one witness
	maxKeys    = 8        // of one log
)

// ahead is how far in the future a cosignature may be dated.
const ahead = 10 * time.Minute

// How witnesses are asked.
const (
	askTimeout  = 10 * time.Second       // for one witness to answer one request
	firstPause  = 1 * time.Second        // after a failure, doubled each time
	longPause   = 1 * time.Minute        // at most
	roundPause  = 200 * time.Millisecond // between two checkpoints
	pollPause   = 1 * time.Second        // in which a log that grew unsaid is noticed
	refreshTime = 1 * time.Hour          // after which the same checkpoint is cosigned again
)

// How a witness is served.
const (
	maxHandled    = 64 // requests handled at one time
	headerTimeout = 10 * time.Second
	bodyTimeout   = 20 * time.Second
	answerTimeout = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 10 * time.Second
)
