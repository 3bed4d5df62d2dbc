//go:build !crashpoints

package crashpoint

import "github.com/grokputer/grokputer/services/actor"

// Hook returns nil.
func Hook() (actor.Hook, error) { return nil, nil } //nolint:nilnil // nil is a hook: the one that does nothing
