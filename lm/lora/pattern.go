package lora

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// Pattern gives some modules a value of their own. Key is a regular expression for a
// module's name ("model.layers.3.self_attn.q_proj") or for what follows one of its
// dots: "q_proj", or "layers.[0-3].mlp.up_proj" (PEFT, get_pattern_key).
type Pattern[T int | float64] struct {
	Key   string
	Value T
}

// Bounds on what a file can make us compile. The widest real configurations have one
// key for each module of each block.
const (
	maxPatterns = 4096
	maxKey      = 1024 // bytes
	maxProgram  = 1024 // instructions, about
)

// resolve returns the value of each place: the first matching pattern's, or preset.
func resolve[T int | float64](places []place, patterns []Pattern[T], preset T) ([]T, error) {
	out, names, found := make([]T, len(places)), make([]string, len(places)), make([]bool, len(places))
	for i, p := range places {
		out[i], names[i] = preset, p.name()
	}
	for _, p := range patterns {
		matches, err := ending(p.Key)
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			if !found[i] && matches(name) {
				out[i], found[i] = p.Value, true
			}
		}
	}
	return out, nil
}

// ending returns whether a name matches key, or one of its endings that begin behind a
// dot does.
func ending(key string) (func(name string) bool, error) {
	if isPlain(key) {
		return func(name string) bool {
			n := len(name) - len(key)
			return n >= 0 && (n == 0 || name[n-1] == '.') && sameButDots(name[n:], key)
		}, nil
	}
	return compile(key, `^(?:.*\.)?(?:`, `)$`)
}

// whole returns whether a name matches key from its beginning to its end.
func whole(key string) (func(name string) bool, error) { return compile(key, `^(?:`, `)$`) }

// compile makes a matcher of a Python regular expression between two Go ones. Go's
// are the same but for what cannot be matched in linear time, which is refused.
func compile(key, before, after string) (func(name string) bool, error) {
	if len(key) > maxKey {
		return nil, fmt.Errorf("%w: a regular expression of %d bytes, at most %d are read", ErrInvalid, len(key), maxKey)
	}
	tree, err := syntax.Parse(key, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; write it without look-around and back references", ErrInvalid, err)
	}
	if program(tree) > maxProgram {
		return nil, fmt.Errorf("%w: regular expression %q is too large", ErrInvalid, key)
	}
	re, err := regexp.Compile(before + key + after)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return re.MatchString, nil
}

// program estimates the instructions that an expression compiles to.
func program(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += program(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return min(n, maxProgram+1)
}

// isPlain reports whether a key has nothing special but dots, as almost all have.
func isPlain(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool {
		return r != '.' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// sameButDots compares equally long strings; a dot of key stands for any byte.
func sameButDots(s, key string) bool {
	for i := range len(key) {
		if key[i] != '.' && key[i] != s[i] {
			return false
		}
	}
	return true
}
