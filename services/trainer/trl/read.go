package trl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/grokputer/grokputer/services/trainer"
)

// maxTold is how many lines of a file are named that cannot be read.
const maxTold = 10

// ErrInvalid means that lines of a file cannot be read. The message names them.
var ErrInvalid = errors.New("the dataset cannot be read")

// Read returns all examples of a file, or none and an ErrInvalid that says what is wrong with
// which of its lines: nothing is left out. All lines have the format of the first.
func Read(r io.Reader) ([]trainer.Example, Format, error) {
	read := reader{at: map[int]int{}}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		body, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, "", fmt.Errorf("read the dataset: %w", err)
		}
		if n == 1 {
			body = bytes.TrimPrefix(body, []byte("\ufeff")) // some editors' mark of UTF-8
		}
		if body = bytes.TrimSpace(body); len(body) > 0 {
			read.line(n, body)
		}
		if err != nil {
			break
		}
	}
	switch {
	case read.bad > maxTold:
		return nil, "", fmt.Errorf("%w: %d lines are wrong; the first of them:\n%w", ErrInvalid, read.bad, errors.Join(read.told...))
	case read.bad > 0:
		return nil, "", fmt.Errorf("%w:\n%w", ErrInvalid, errors.Join(read.told...))
	case len(read.examples) == 0:
		return nil, "", fmt.Errorf("%w: it has no lines", ErrInvalid)
	}
	return read.examples, read.format, nil
}

// reader collects what the lines of a file say.
type reader struct {
	examples []trainer.Example
	at       map[int]int // where the example of an origin's number is
	format   Format
	bad      int
	told     []error
}

// line takes line n, or notes what is wrong with it.
func (r *reader) line(n int, body []byte) {
	l, f, err := decode(body)
	if err == nil && r.format == "" {
		r.format = f
	}
	if err == nil && f != r.format {
		err = fmt.Errorf("it has the columns of %s, the lines before it those of %s", f, r.format)
	}
	var e trainer.Example
	if err == nil {
		e, err = l.example(f)
	}
	if err != nil {
		if r.bad++; r.bad <= maxTold {
			r.told = append(r.told, fmt.Errorf("line %d: %w", n, err))
		}
		return
	}
	r.add(l, e)
}

// add adds an example. The two lines that a corrected step has in KTO become one again.
func (r *reader) add(l line, e trainer.Example) {
	if r.format == KTO && l.Origin != nil {
		if at, ok := r.at[l.Origin.Number]; ok && l.Origin.Kind == trainer.KindLesson && joins(&r.examples[at], e) {
			return
		}
		r.at[l.Origin.Number] = len(r.examples)
		if *l.Label && e.Kind == trainer.KindLesson {
			e.Kind = trainer.KindGood // until the wrong one comes
		}
	}
	r.examples = append(r.examples, e)
}

// joins makes a corrected step of its right and its wrong answer.
func joins(first *trainer.Example, second trainer.Example) bool {
	switch {
	case first.Wrong == nil && second.Kind == trainer.KindBad:
		first.Wrong = second.Wrong
	case first.Kind == trainer.KindBad && second.Wrong == nil:
		first.Right = second.Right
	default:
		return false
	}
	first.Kind = trainer.KindLesson
	return true
}
