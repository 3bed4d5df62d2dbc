package lora

import "errors"

var (
	// ErrInvalid is returned for a configuration or an adapter file that is
	// malformed or asks for something that this package does not do.
	ErrInvalid = errors.New("lora: invalid adapter")
	// ErrMismatch is returned when an adapter does not belong to the base model
	// at hand: another architecture, other shapes, or another base file.
	ErrMismatch = errors.New("lora: adapter is for another base model")
	// ErrDigest is returned when an adapter's bytes are not the ones that the
	// caller, or the adapter's own record, promised.
	ErrDigest = errors.New("lora: adapter digest differs")
	// ErrExists is returned by Save when the folder already holds something:
	// an adapter is immutable, a new one gets a new folder.
	ErrExists = errors.New("lora: adapter folder exists")
)
