package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Process is a program that does one assignment: it reads an Assignment from its
// standard input and writes an Outcome as the last line of its standard output.
type Process struct {
	// Args are the program and its arguments.
	Args []string
	// Env is added to our environment.
	Env []string
}

// goodbye is how long a killed process gets to let go of its output.
const goodbye = 5 * time.Second

// maxSaid is how much of a failed process's error stream is told.
const maxSaid = 2000

// Measure runs the program for one assignment. It is killed when ctx ends. A number
// that is missing from the outcome, or is none, is an error unless optional names it.
func (p Process) Measure(ctx context.Context, a Assignment, optional ...Metric) (Outcome, error) {
	if len(p.Args) == 0 {
		return Outcome{}, fmt.Errorf("%w: the process has no program", ErrInvalid)
	}
	question, err := json.Marshal(a)
	if err != nil {
		return Outcome{}, fmt.Errorf("bench: %s: %w", a.Kind, err)
	}
	var answer, said bytes.Buffer
	cmd := exec.CommandContext(ctx, p.Args[0], p.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(question), &answer, &said
	cmd.Env, cmd.WaitDelay = append(os.Environ(), p.Env...), goodbye
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return Outcome{}, fmt.Errorf("bench: %s: %w", a.Kind, context.Cause(ctx))
		}
		end := said.Bytes()
		return Outcome{}, fmt.Errorf("bench: %s: %s: %w: %s", a.Kind, p.Args[0], err, bytes.TrimSpace(end[max(0, len(end)-maxSaid):]))
	}
	lines := bytes.Split(bytes.TrimSpace(answer.Bytes()), []byte("\n"))
	var out Outcome
	if err := json.Unmarshal(lines[len(lines)-1], &out); err != nil {
		return Outcome{}, fmt.Errorf("bench: %s: the last line of %s is no outcome: %w", a.Kind, p.Args[0], err)
	}
	if err := out.check(a.Kind, optional); err != nil {
		return Outcome{}, fmt.Errorf("bench: %s: %s: %w", a.Kind, p.Args[0], err)
	}
	return out, nil
}

// check reports a number that is missing, not finite or not of this measurement.
func (o Outcome) check(k Kind, optional []Metric) error {
	for _, m := range k.Metrics() {
		if _, ok := o.Values[m]; !ok && !slices.Contains(optional, m) {
			return fmt.Errorf("the outcome has no %s", m)
		}
	}
	for _, m := range slices.Sorted(maps.Keys(o.Values)) {
		if v := o.Values[m]; math.IsNaN(v) || math.IsInf(v, 0) || !slices.Contains(k.Metrics(), m) {
			return fmt.Errorf("the outcome has %s %v", m, v)
		}
	}
	return nil
}
