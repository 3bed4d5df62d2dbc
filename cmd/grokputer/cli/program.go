// Package cli is Grokputer's command line: one file for each command, joined
// to a tree in tree.go. The program is a value, so that tests run it whole.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/grokputer/grokputer/kit/settings"
)

// ErrInterrupted is the cause of a context that ends because of Ctrl-C.
var ErrInterrupted = errors.New("interrupted")

// The exit statuses of the program.
const (
	statusOK          = 0
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130 // as shells say: 128 and the number of SIGINT
)

// Streams are what the program reads from and writes to.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Program is one run of the command line: Parse, then Run.
type Program struct {
	streams Streams
	files   []string
	tree    tree
	parsed  *kong.Context
}

// New returns a program that uses these streams and reads these settings
// files, of which the last wins.
func New(s Streams, files ...string) *Program { return &Program{streams: s, files: files} }

// helped ends the parsing when help was asked for and has been printed.
type helped struct{}

// Parse reads the arguments, the environment and the settings files. done is
// true when the arguments only asked for help, which has been printed then.
func (p *Program) Parse(args []string) (done bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helped); !ok {
				panic(r)
			}
			done, err = true, nil
		}
	}()
	p.parsed, err = settings.Parse(args, &p.tree, settings.Options{
		Name:        "grokputer",
		Description: "A desktop agent that learns from your ratings.",
		Files:       p.files,
		Shared:      true,
		Kong: []kong.Option{
			kong.Writers(p.streams.Out, p.streams.Err),
			kong.Exit(func(int) { panic(helped{}) }),
			kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		},
	})
	return false, err
}

// Run carries out the parsed command.
func (p *Program) Run(ctx context.Context) error {
	folder := p.tree.Data
	if folder == "" {
		var err error
		if folder, err = settings.DataDir(); err != nil {
			return err
		}
	}
	c := &call{
		terminal: terminal{in: p.streams.In, out: p.streams.Out, err: p.streams.Err},
		shared:   p.tree.shared,
		folder:   folder,
	}
	p.parsed.BindTo(ctx, (*context.Context)(nil))
	return p.parsed.Run(c)
}

// Main parses and runs the arguments, reports what went wrong in one sentence,
// and returns the exit status.
func Main(ctx context.Context, args []string, s Streams, files ...string) int {
	p := New(s, files...)
	done, err := p.Parse(args)
	if err == nil && !done {
		err = p.Run(ctx)
	}
	status := Status(err)
	if status != statusOK {
		// Where this cannot be written, the status still tells.
		_, _ = fmt.Fprintf(s.Err, "grokputer: %v\n", err)
	}
	if status == statusUsage {
		_, _ = fmt.Fprintln(s.Err, "Add --help to any command to see how it is used.")
	}
	return status
}

// Status is the exit status for an error of Parse or Run.
func Status(err error) int {
	var usage *kong.ParseError
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &usage):
		return statusUsage
	case errors.Is(err, ErrInterrupted):
		return statusInterrupted
	default:
		return statusFailed
	}
}
