package gguf

import (
	"fmt"
	"slices"
)

// Keys returns the metadata keys in file order.
func (f *File) Keys() []string { return slices.Clone(f.keys) }

// Value returns the metadata value of key, and whether there is one.
func (f *File) Value(key string) (Value, bool) {
	value, ok := f.values[key]

	return value, ok
}

// String returns the string under key.
func (f *File) String(key string) (string, error) { return get(f, key, Value.Text) }

// Bool returns the bool under key.
func (f *File) Bool(key string) (bool, error) { return get(f, key, Value.Bool) }

// Uint returns the integer under key, of any width, if it is not negative.
func (f *File) Uint(key string) (uint64, error) { return get(f, key, Value.Uint) }

// Int returns the integer under key, of any width.
func (f *File) Int(key string) (int64, error) { return get(f, key, Value.Int) }

// Float returns the float32 or float64 under key.
func (f *File) Float(key string) (float64, error) { return get(f, key, Value.Float) }

// Strings returns the array of strings under key.
func (f *File) Strings(key string) ([]string, error) { return get(f, key, Value.Strings) }

// Ints returns the array of integers under key, of any one width.
func (f *File) Ints(key string) ([]int64, error) { return get(f, key, Value.Ints) }

// Floats returns the array of float32 or float64 numbers under key.
func (f *File) Floats(key string) ([]float64, error) { return get(f, key, Value.Floats) }

// Bools returns the array of bools under key.
func (f *File) Bools(key string) ([]bool, error) { return get(f, key, Value.Bools) }

func get[T any](f *File, key string, as func(Value) (T, error)) (T, error) {
	value, ok := f.values[key]
	if !ok {
		var zero T

		return zero, fmt.Errorf("%w: %q", ErrMissing, key)
	}

	out, err := as(value)
	if err != nil {
		return out, fmt.Errorf("metadata key %q: %w", key, err)
	}

	return out, nil
}
