// Command yurai is the whole of Yurai in one program; package cli is its
// command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/yurai-ledger/yurai/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}
