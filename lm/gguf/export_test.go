package gguf

import "github.com/grokputer/grokputer/lm/gguf/mapped"

// Parse reads a file's content from memory, for fuzzing.
func Parse(content []byte) (*File, error) {
	file := &File{mapping: &mapped.File{}}

	return file, file.parse(content)
}
