package device

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// List asks both vendors' libraries at once, each in a process of its own. A library that ends or hangs its process is a trouble in the report;
// the error is for a process that cannot be started, or the context's.
func List(ctx context.Context, options Options) (Report, error) {
	kinds := []driver.Kind{driver.HIP, driver.CUDA}
	answers, errs := make([]*answer, len(kinds)), make([]error, len(kinds))
	var wait sync.WaitGroup
	for i, kind := range kinds {
		wait.Go(func() { answers[i], errs[i] = ask(ctx, kind, options) })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return Report{}, err
	}
	report := Report{Cards: []Card{}}
	seen := look(options.Root)
	for i, kind := range kinds {
		a := answers[i]
		for j := range a.cards {
			a.cards[j].Telemetry = ReadTelemetry(options.Root, a.cards[j].PCI)
		}
		report.Cards = append(report.Cards, a.cards...)
		report.Troubles = append(report.Troubles, a.troubles...)
		report.Troubles = append(report.Troubles, unlisted(kind, a, seen, options.Root)...)
	}

	return report, nil
}

// ask runs the probe of a vendor.
func ask(ctx context.Context, kind driver.Kind, options Options) (*answer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	text, err := json.Marshal(request{Kind: int(kind), Search: options.Search, Only: options.Only, Try: options.Try})
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	timeout := options.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var output bytes.Buffer
	stderr := &tail{}
	command := exec.CommandContext(limited, program)
	command.Env = append(os.Environ(), variable+"="+string(text))
	command.Stdout, command.Stderr = &output, stderr
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	ended := command.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	a := read(output.String())
	if a.done && ended == nil {
		return a, nil
	}
	what := "the libraries ended the process that asked them"
	switch {
	case limited.Err() != nil:
		what = fmt.Sprintf("the libraries gave no answer within %v", timeout)
	case ended != nil:
		what += ": " + ended.Error()
	}
	a.troubles = append(a.troubles, Trouble{
		Kind: kind.String(), What: what, Stage: a.stage, Stderr: stderr.String(),
		Remedy: "The card is not used until they are repaired or removed.",
	})

	return a, nil
}

// tail keeps the end of what is written.
type tail struct{ text []byte }

const tailSize = 2000

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}

	return len(p), nil
}

// String returns it without what would not be text.
func (t *tail) String() string { return strings.TrimSpace(strings.ToValidUTF8(string(t.text), "")) }
