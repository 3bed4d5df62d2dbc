package lm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
)

// ErrDevice is returned by Open for a device that cannot be had; the error says what is missing and what to do.
var ErrDevice = errors.New("lm: device")

// openDevice opens what Options.Device names; nil stands for the processor.
func openDevice(opts Options) (compute.Backend, error) {
	if opts.Device == "" || opts.Device == "cpu" {
		return nil, nil //nolint:nilnil // see above
	}
	kind, index, err := parseDevice(opts.Device)
	if err != nil {
		return nil, err
	}
	b, err := gpu.New(gpu.Options{Kind: kind, Index: index, Search: opts.Libraries, Precision: opts.Precision})
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrDevice, opts.Device, err)
	}
	return b, nil
}

// parseDevice reads a card's name.
func parseDevice(name string) (driver.Kind, int, error) {
	vendor, number, numbered := strings.Cut(name, ":")
	index := 0
	if numbered {
		var err error
		if index, err = strconv.Atoi(number); err != nil || index < 0 {
			return 0, 0, fmt.Errorf("%w %q: want a card's number after the colon, as in hip:0", ErrDevice, name)
		}
	}
	for _, kind := range []driver.Kind{driver.HIP, driver.CUDA} {
		if vendor == kind.String() {
			return kind, index, nil
		}
	}
	return 0, 0, fmt.Errorf("%w %q: want cpu, hip or cuda, and a card's number if there are several, as in hip:0", ErrDevice, name)
}
