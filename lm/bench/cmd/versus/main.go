// Versus measures the engine and its peers in turn on this machine, prints how they
// compare, and writes lm.json and lm.md. make bench-lm runs it; with -isa all are limited to fewer instructions, as
// other processors have them. An interrupted run is
// gone on with by an equal one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/grokputer/grokputer/lm/bench"
)

// child is the argument that has this program do one measurement.
const child = "child"

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "versus: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == child {
		return bench.Serve(ctx, os.Stdin, os.Stdout)
	}
	s, err := parse(os.Args[0], os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.hold(ctx)
}
