// Icons makes the table that services/observer/icon tells icons by, and measures how well
// it does: learn, measure and sheet.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(w io.Writer, args []string) error {
	if len(args) == 0 {
		return errors.New("learn, measure or sheet?")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	dir := flags.String("icons", ".cache/icons", "where the sets are")
	out := flags.String("out", "services/observer/icon/table.gz", "what is written")
	fonts := flags.String("fonts", "", "a folder of fonts whose letters are measured, too")
	verbose := flags.Bool("v", false, "each class, threshold and mistake as well")
	if err := flags.Parse(args[1:]); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	switch args[0] {
	case "learn":
		return writeTable(w, *dir, *out)
	case "measure":
		return measure(w, *dir, *fonts, *verbose)
	case "sheet":
		return sheets(*dir, *out)
	default:
		return fmt.Errorf("%s: learn, measure or sheet?", args[0])
	}
}

// writeTable learns from all sets.
func writeTable(w io.Writer, dir, out string) error {
	c, err := readClasses()
	if err != nil {
		return err
	}
	pictures, err := load(dir, c, learntStrangers)
	if err != nil {
		return err
	}
	samples, err := writings(len(pictures))
	if err != nil {
		return err
	}
	t := learn(append(samples, drawings(pictures)...), c)
	data, err := t.Pack()
	if err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	n := 0
	for _, class := range t.Templates {
		n += len(class)
	}
	fmt.Fprintf(w, "%d icons, %d classes, %d templates, %d bytes\n", len(pictures), len(c.names), n, len(data))
	if err := os.WriteFile(out, data, 0o600); err != nil { //nolint:gosec // the caller says where
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// sheets writes pictures of all that is learnt beside out.
func sheets(dir, out string) error {
	c, err := readClasses()
	if err != nil {
		return err
	}
	pictures, err := load(dir, c, 0)
	if err != nil {
		return err
	}
	const most = 900 // icons of one sheet
	for n := 1; len(pictures) > 0; n++ {
		cut := min(most, len(pictures))
		for cut < len(pictures) && pictures[cut].class == pictures[cut-1].class {
			cut++
		}
		if err := sheet(fmt.Sprint(out, n, ".png"), pictures[:cut], 24); err != nil {
			return err
		}
		pictures = pictures[cut:]
	}
	return nil
}
