package sequencer

import "github.com/yurai-ledger/yurai/ledger"

// ErrBusy is returned by [Log.Add] when the queue of entries waiting to be
// sequenced is full. The entry was not recorded; retry after a second or more.
var ErrBusy error = ledger.Refuse("LOG-QUEUE-FULL", "too many entries are waiting to be sequenced")

// ErrClosed is returned by [Log.Add] when [Log.Run] has ended, or has not taken
// up the entry before it ended. The entry was not recorded.
var ErrClosed error = ledger.Refuse("LOG-WRITER-CLOSED", "the log takes no entries any more")

// ErrUnknown is wrapped by the errors of [Log.Add] after which nobody knows
// whether the entry was recorded, and by the error with which [Log.Run] then
// ends. Opening the log again settles it; adding the entry once more is safe,
// since a duplicate gets the first index.
var ErrUnknown error = ledger.Refuse("LOG-OUTCOME-UNKNOWN", "whether the entry was recorded is unknown")
