package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/grokputer/grokputer/services/trainer"
)

// childEnv marks the process that trains; Process.Run sets it.
const childEnv = "GROKPUTER_TRAINER_CHILD"

// niceness has the agent and the person go before a training.
const niceness = 10

// init turns a process that Process.Run has started into the training. It is here
// and not in a main function so that no program, and no test binary, that trains
// can forget it and start itself over and over instead.
//
//nolint:gochecknoinits // see above
func init() {
	if os.Getenv(childEnv) == "" {
		return
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve does the assignment that it reads, until its input ends.
func serve(stdin io.Reader, stdout io.Writer) error {
	// Ctrl-C and a service manager signal the whole group. The parent decides.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness) // a courtesy
	in := json.NewDecoder(stdin)
	var a trainer.Assignment
	if err := in.Decode(&a); err != nil {
		return fmt.Errorf("read the assignment: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := newPause()
	go func() {
		defer cancel() // the parent is gone
		for {
			var o order
			if in.Decode(&o) != nil {
				return
			}
			p.set(o.Rest)
		}
	}()
	out := json.NewEncoder(stdout)
	var unsaid error
	tell := func(l line) {
		if err := out.Encode(l); err != nil && unsaid == nil {
			unsaid = err
			cancel() // nobody listens any more
		}
	}
	trained, err := do(ctx, a, func(u trainer.Update) { tell(lineOf(u)) }, p)
	if err != nil {
		// The parent says so itself when it is final.
		reason := strings.TrimPrefix(err.Error(), trainer.ErrUntrainable.Error()+": ")
		tell(line{Failed: &failure{Reason: reason, Final: errors.Is(err, trainer.ErrUntrainable)}})
		return nil
	}
	tell(line{Trained: &trained})
	return unsaid
}
