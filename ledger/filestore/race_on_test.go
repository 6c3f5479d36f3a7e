//go:build race

package filestore

// raceEnabled makes long campaigns shorter: the race detector costs a factor of ten.
const raceEnabled = true
