package miniwob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Document is a file of Markdown with sections that are written anew one by one.
type Document struct {
	File string
	// Opening is what a new file begins with: its heading, and who writes it.
	Opening string
}

// Desktop is the document about real programs and pages, which several benches write.
func Desktop(file string) Document {
	return Document{File: file, Opening: "# On a real desktop\n\nWritten by the tools that measure; each section says how.\n"}
}

// WriteSection puts a text into the file between two marks with a name, in the place of what
// stood there, or at the end.
func (d Document) WriteSection(name, text string) error {
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	old, err := os.ReadFile(d.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write the section %s: %w", name, err)
	}
	section, whole := begin+text+end, string(old)
	if whole == "" {
		whole = d.Opening
	}
	if from, to := strings.Index(whole, begin), strings.Index(whole, end); from >= 0 && to > from {
		whole = whole[:from] + section + whole[to+len(end):]
	} else {
		whole = strings.TrimRight(whole, "\n") + "\n\n" + section
	}
	if err := os.MkdirAll(filepath.Dir(d.File), 0o750); err != nil {
		return fmt.Errorf("write the section %s: %w", name, err)
	}
	if err := os.WriteFile(d.File, []byte(whole), 0o644); err != nil { //nolint:gosec // a document for everyone
		return fmt.Errorf("write the section %s: %w", name, err)
	}
	return nil
}
