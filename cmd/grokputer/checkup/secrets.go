package checkup

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/grokputer/grokputer/kit/secrets"
)

// Secrets looks whether the store of secrets can be read: a file of which nobody but
// its owner knows the content. Its names are counted, never shown. No store, and the
// keyring, are fine: that one asks for itself.
func Secrets(store secrets.Store) Probe {
	const name = "secrets"
	return func(ctx context.Context) Finding {
		file, ok := store.(secrets.File)
		switch {
		case store == nil:
			return optional(found(name, "no store is set, {{secret:name}} cannot be typed"))
		case !ok:
			return optional(found(name, "the keyring, which is asked by name"))
		}
		names, err := file.Names(ctx)
		if err == nil {
			return optional(found(name, fmt.Sprintf("%d in %s, which only its owner can read", len(names), string(file))))
		}
		mend := fmt.Sprintf("correct %s: a line name=value for each secret", string(file))
		switch {
		case errors.Is(err, secrets.ErrUnknown):
			mend = fmt.Sprintf("make it with install -m 600 /dev/null %s, or leave --secrets out", string(file))
		case errors.Is(err, secrets.ErrExposed):
			mend = "chmod 600 " + string(file)
		case errors.Is(err, os.ErrPermission):
			mend = "give it to the user who runs the agent"
		}
		return optional(missing(name, err.Error(), mend))
	}
}
