//go:build !unix

package server

import "io/fs"

// foldersSync tells whether a folder can be synced.
const foldersSync = false

// loose reports false: the mode says nothing about who may read the file.
func loose(fs.FileMode) bool { return false }
