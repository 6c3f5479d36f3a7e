//go:build unix

package server

import "io/fs"

// foldersSync tells whether a folder can be synced.
const foldersSync = true

// loose reports whether others than the owner may read or write a file.
func loose(m fs.FileMode) bool { return m.Perm()&0o077 != 0 }
