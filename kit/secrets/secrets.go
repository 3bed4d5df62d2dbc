// Package secrets is where a person keeps what the agent types and must not know:
// passwords, by a name. A task says {{secret:name}}; only who types it, and who
// keeps it out of pictures, asks for the value.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/grokputer/grokputer/contracts"
)

var (
	// ErrUnknown means that there is no secret of that name.
	ErrUnknown = errors.New("there is no such secret")
	// ErrExposed means that others can read the store. The message says how to mend it.
	ErrExposed = errors.New("the secrets can be read by others")
)

// Store keeps secrets.
type Store interface {
	// Get returns a secret. Errors are an ErrUnknown, an ErrExposed, or say why the
	// store cannot be read; none has a secret in it.
	Get(ctx context.Context, name string) (string, error)
	// Names returns the names that the store can list: a keyring lists none.
	Names(ctx context.Context) ([]string, error)
}

// KeyringSetting is the setting that means the system's keyring.
const KeyringSetting = "keyring"

// Open returns the store that a setting names: KeyringSetting, or a file. There is
// none when it is empty, and the store is nil.
func Open(setting string) Store {
	switch setting {
	case "":
		return nil
	case KeyringSetting:
		return Keyring{}
	default:
		return File(setting)
	}
}

// placeholder is how a text names a secret.
var placeholder = regexp.MustCompile(`\{\{secret:([A-Za-z0-9_-]{1,128})\}\}`)

// In returns the names of the secrets that a text asks for, each once, in order.
func In(text string) []string {
	var names []string
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	return names
}

// Reveal puts the secrets into a text that asks for them.
func Reveal(ctx context.Context, s Store, text string) (string, error) {
	values := map[string]string{}
	for _, name := range In(text) {
		if s == nil {
			return "", fmt.Errorf("%w: %q: the setting secrets names no store", ErrUnknown, name)
		}
		value, err := s.Get(ctx, name)
		if err != nil {
			return "", err
		}
		values[name] = value
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		return values[placeholder.FindStringSubmatch(found)[1]]
	}), nil
}

// check refuses what is no name and no value that can be typed.
func check(name, value string) error {
	switch {
	case !contracts.ValidToken(name):
		return fmt.Errorf("%q is no name of a secret: it takes letters, digits, - and _", name)
	case value == "":
		return fmt.Errorf("%w: %q is empty", ErrUnknown, name)
	case strings.ContainsFunc(value, unicode.IsControl):
		return fmt.Errorf("the secret %q holds a character that cannot be typed", name)
	default:
		return nil
	}
}
