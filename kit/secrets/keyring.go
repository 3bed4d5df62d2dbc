package secrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"
)

// KeyringService is the service under which the system's keyring has the secrets:
// `secret-tool store --label=mail service grokputer username mail` keeps one.
const KeyringService = "grokputer"

// Keyring is the system's keyring (the Secret Service on Linux).
type Keyring struct{}

var _ Store = Keyring{}

// Get implements Store. The keyring may ask its owner to unlock it meanwhile.
func (Keyring) Get(ctx context.Context, name string) (string, error) {
	type answer struct {
		value string
		err   error
	}
	back := make(chan answer, 1)
	go func() { // the library waits without a deadline
		value, err := keyring.Get(KeyringService, name)
		back <- answer{value, err}
	}()
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("ask the keyring: %w", ctx.Err())
	case a := <-back:
		if errors.Is(a.err, keyring.ErrNotFound) {
			return "", fmt.Errorf("%w: %q is not in the keyring (service %s)", ErrUnknown, name, KeyringService)
		}
		if a.err != nil {
			return "", fmt.Errorf("ask the keyring: %w", a.err)
		}
		return a.value, check(name, a.value)
	}
}

// Names implements Store: keyrings are asked by name.
func (Keyring) Names(context.Context) ([]string, error) { return nil, nil }
