package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"
)

// errNoTerminal: a question cannot be asked.
var errNoTerminal = errors.New("there is no terminal to ask on: add --yes if you are sure")

// errNo: the answer was no.
var errNo = errors.New("nothing was done")

// terminal is where a command reads and writes.
type terminal struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// interactive reports whether a person sits at both ends.
func (t terminal) interactive() bool { return isTerminal(t.in) && isTerminal(t.out) }

// isTerminal reports whether w is a terminal's screen.
func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// say writes a line of the command's result.
func (t terminal) say(format string, a ...any) error {
	_, err := fmt.Fprintf(t.out, format+"\n", a...)
	return err
}

// note writes a line beside the result, which goes to the other stream.
func (t terminal) note(format string, a ...any) error {
	_, err := fmt.Fprintf(t.err, format+"\n", a...)
	return err
}

// local is a time as the person at this machine tells it.
func local(t time.Time) string {
	return t.Local().Format(time.DateTime) //nolint:gosmopolitan // see above
}

// json writes a value for another program to read.
func (t terminal) json(v any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// table writes rows under a heading, in columns.
func (t terminal) table(heading []string, rows [][]string) error {
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// confirm asks a question and returns nil only for a yes. sure answers it in advance.
func (t terminal) confirm(ctx context.Context, sure bool, question string) error {
	if sure {
		return nil
	}
	if !isTerminal(t.in) {
		return fmt.Errorf("%s: %w", strings.TrimSuffix(question, "?"), errNoTerminal)
	}
	if _, err := fmt.Fprintf(t.err, "%s [y/N] ", question); err != nil {
		return err
	}
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(t.in).ReadString('\n') // no answer is a no
		answer <- line
	}()
	select {
	case line := <-answer:
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		default:
			return errNo
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
