package trainer

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// errExamples means that a file does not have what WriteExamples writes.
var errExamples = errors.New("the file is damaged")

// ReadExamples returns the examples of a file, one JSON object a line, gzipped.
func ReadExamples(path string) (examples []Example, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("examples: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("examples: %s: %w: %w", path, errExamples, err)
	}
	dec := json.NewDecoder(z)
	for {
		var e Example
		switch err := dec.Decode(&e); {
		case errors.Is(err, io.EOF):
			return examples, nil
		case err != nil:
			return nil, fmt.Errorf("examples: %s: %w: example %d: %w", path, errExamples, len(examples)+1, err)
		}
		examples = append(examples, e)
	}
}

// WriteExamples stores examples so that ReadExamples finds them; the file appears whole or not
// at all. Equal examples make equal files.
func WriteExamples(path string, examples []Example) error {
	part := path + ".part"
	if err := writeTo(part, examples); err != nil {
		return errors.Join(fmt.Errorf("examples: %w", err), os.Remove(part))
	}
	return os.Rename(part, path)
}

func writeTo(path string, examples []Example) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	enc := json.NewEncoder(z)
	for _, e := range examples {
		if err := enc.Encode(e); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(z.Close(), f.Sync(), f.Close())
}
