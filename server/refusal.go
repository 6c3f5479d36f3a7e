package server

import "github.com/yurai-ledger/yurai/ledger"

// refuse returns why a folder is not served or a request not answered, as
// [ledger.Refuse] does.
func refuse(code, format string, args ...any) *ledger.Refusal {
	return ledger.Refuse(code, format, args...)
}
