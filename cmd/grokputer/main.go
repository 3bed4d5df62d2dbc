// Grokputer is a desktop agent that learns from its user's ratings.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/grokputer/grokputer/cmd/grokputer/cli"
	"github.com/grokputer/grokputer/kit/settings"
)

func main() {
	os.Exit(run())
}

// run has the first Ctrl-C end the work in order, and the second at once.
func run() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel(cli.ErrInterrupted)
	}()
	return cli.Main(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: errorStream()}, settings.Files()...)
}

// errorStream is a copy of the standard error stream. Tesseract's library
// points the original elsewhere while it loads, and what is written meanwhile
// would be lost.
func errorStream() *os.File {
	copied, err := unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return os.Stderr
	}
	return os.NewFile(uintptr(copied), os.Stderr.Name())
}
