package observer

import (
	"fmt"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/secrets"
)

// DefaultMaxGB is the cap on stored frames when no other is set.
const DefaultMaxGB = 10

// Options are the settings of a Unit.
type Options struct {
	// Desktop is the name of the desktop that the eyes look at;
	// contracts.DefaultDesktop when empty.
	Desktop string
	// MaxGB is how much space the frames may take, in 10^9 bytes (storage.max_gb);
	// DefaultMaxGB when 0.
	MaxGB float64
	// Secrets are what the agent may have typed: they are kept out of pictures and of
	// what is read. There are none when nil.
	Secrets secrets.Store
}

func (o Options) withDefaults() Options {
	if o.Desktop == "" {
		o.Desktop = contracts.DefaultDesktop
	}
	if o.MaxGB == 0 {
		o.MaxGB = DefaultMaxGB
	}
	return o
}

// Validate names the field that is wrong, and its value.
func (o Options) Validate() error {
	o = o.withDefaults()
	if !contracts.ValidToken(o.Desktop) {
		return fmt.Errorf("desktop %q: letters, digits, - and _ only", o.Desktop)
	}
	if o.MaxGB < 0 {
		return fmt.Errorf("storage.max_gb %g: must be positive", o.MaxGB)
	}
	return nil
}
