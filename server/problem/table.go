package problem

import (
	"slices"
	"strings"
	"sync"
)

// tables lists every area's rows; each area keeps its own file.
func tables() [][]Row {
	return [][]Row{
		receivingRows,
		bomRows,
		cliRows,
		clientRows,
		diffRows,
		keepRows,
		ledgerRows,
		listRows,
		memoryRows,
		policyRows,
		httpRows,
		serverRows,
		statementRows,
		storeRows,
	}
}

// All returns every row, sorted by code. The slice is the caller's.
func All() []Row {
	return slices.Clone(sorted())
}

// Lookup returns the row of a code and whether there is one.
func Lookup(code string) (Row, bool) {
	rows := sorted()
	i, ok := slices.BinarySearchFunc(rows, code, func(r Row, c string) int { return strings.Compare(r.Code, c) })
	if !ok {
		return Row{}, false
	}
	return rows[i], true
}

var sorted = sync.OnceValue(func() []Row {
	rows := slices.Concat(tables()...)
	slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(a.Code, b.Code) })
	return rows
})
