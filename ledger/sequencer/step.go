package sequencer

// Step is a named step on the way of a batch, or beside it.
type Step string

// The steps, in their order. The first six are of Commit of a [Store] that
// writes a file of entries and a journal: what was written is read back while
// the entries are synced, and a small batch has no sync of its entries.
const (
	StepEntriesWrite Step = "entries write"
	StepEntriesSync  Step = "entries sync"
	StepReadBack     Step = "read back"
	StepJournalWrite Step = "journal write"
	StepJournalSync  Step = "journal sync" // after it the batch is committed
	StepSign         Step = "sign"         // beside Commit
	StepPublish      Step = "publish"
	StepAcknowledge  Step = "acknowledge"
	StepSnapshot     Step = "snapshot" // of the guard's state, beside commits
)

// FailPoint is called before and after each [Step], by the goroutine that takes
// it. An error is one of that step; a call that does not return stops the batch
// there. Nil does nothing. It is for tests.
type FailPoint func(s Step, after bool) error

// At calls the fail point, if there is one.
func (f FailPoint) At(s Step, after bool) error {
	if f == nil {
		return nil
	}
	return f(s, after)
}
