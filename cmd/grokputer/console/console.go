// Package console reads lines from a person: with editing and completion by Tab
// on a terminal, and plainly from anything else.
package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrEnd means that the person ended the input: Ctrl-C, Ctrl-D, or the end of a file.
var ErrEnd = errors.New("the input has ended")

// Complete returns the lines that the text before the cursor can become.
type Complete func(before string) []string

// Console is where a dialogue takes place. What it writes between the questions
// goes through it too, because a terminal in raw mode needs other line ends.
type Console struct {
	out     io.Writer
	line    func(prompt string, complete Complete) (string, error)
	restore func() error
}

// Open begins a dialogue. Close ends it; on a terminal nothing else may write
// or read between the two.
func Open(in io.Reader, out io.Writer) (*Console, error) {
	file, ok := in.(*os.File)
	screen, onScreen := out.(*os.File)
	if ok && onScreen && term.IsTerminal(int(file.Fd())) && term.IsTerminal(int(screen.Fd())) {
		return openTerminal(file, screen)
	}
	lines := bufio.NewReader(in)
	return &Console{
		out: out, restore: func() error { return nil },
		line: func(prompt string, _ Complete) (string, error) {
			if _, err := io.WriteString(out, prompt); err != nil {
				return "", fmt.Errorf("ask: %w", err)
			}
			text, err := lines.ReadString('\n')
			if errors.Is(err, io.EOF) && text != "" {
				err = nil // a last line without its end
			}
			return strings.TrimRight(text, "\r\n"), err
		},
	}, nil
}

// openTerminal puts the terminal into raw mode, in which each key arrives by itself.
func openTerminal(in, out *os.File) (*Console, error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("prepare the terminal: %w", err)
	}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, "")
	if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 && height > 0 {
		_ = t.SetSize(width, height) // 80 columns are assumed else
	}
	return &Console{
		out: t, restore: func() error { return term.Restore(int(in.Fd()), before) },
		line: func(prompt string, complete Complete) (string, error) {
			t.SetPrompt(prompt)
			t.AutoCompleteCallback = onTab(t, complete)
			return t.ReadLine()
		},
	}, nil
}

// Say writes a line.
func (c *Console) Say(format string, a ...any) error {
	_, err := fmt.Fprintf(c.out, format+"\n", a...)
	return err
}

// Ask writes a prompt and returns what is answered, without white space around
// it. complete may be nil. The error is ErrEnd when the person ends the input,
// and the cause of ctx when that ends.
func (c *Console) Ask(ctx context.Context, prompt string, complete Complete) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := c.line(prompt+": ", complete)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		switch {
		case errors.Is(a.err, io.EOF):
			return "", ErrEnd
		case errors.Is(a.err, term.ErrPasteIndicator): // pasted whole: as good as typed
		case a.err != nil:
			return "", fmt.Errorf("read the answer: %w", a.err)
		}
		return strings.TrimSpace(a.text), nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Close gives the terminal back as it was.
func (c *Console) Close() error { return c.restore() }
