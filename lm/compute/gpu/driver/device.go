package driver

// #include "driver.h"
import "C"

import (
	"errors"
	"fmt"
)

// Device is a card.
type Device struct {
	Kind         Kind
	Index        int
	Name         string // such as "AMD Radeon RX 7900 XT"
	Architecture string // such as "gfx1100" or "sm_90"
	PCI          string // address, "" if it is not said
	Memory       uint64 // bytes in all
	Wave         int    // lanes that go together
	Units        int    // compute units or multiprocessors
	Shared       int    // the most bytes of local memory that a block may have
	Threads      int    // the most lanes of a block
	Integrated   bool   // it has the processor's memory
}

// Devices returns the cards, none without an error if the runtime says that there is none.
func (d *Driver) Devices() ([]Device, error) {
	count, err := d.count()
	if err != nil {
		return nil, err
	}
	devices := make([]Device, 0, count)
	for index := range count {
		device, err := d.device(index)
		if err != nil {
			return devices, fmt.Errorf("card %d: %w", index, err)
		}
		devices = append(devices, device)
	}

	return devices, nil
}

func (d *Driver) count() (int, error) {
	if d.empty {
		return 0, nil
	}
	var count C.int
	err := d.check(C.gpu_count(d.c, &count))
	if errors.Is(err, errNoDevice) {
		return 0, nil
	}

	return int(count), err
}

func (d *Driver) device(index int) (Device, error) {
	var facts C.gpu_facts
	if err := d.check(C.gpu_device(d.c, C.int(index), &facts)); err != nil {
		return Device{}, err
	}

	return Device{
		Kind: d.kind, Index: index, Name: C.GoString(&facts.name[0]), Architecture: C.GoString(&facts.architecture[0]),
		PCI: C.GoString(&facts.pci[0]), Memory: uint64(facts.memory), Wave: int(facts.wave), Units: int(facts.units),
		Shared: int(facts.shared), Threads: int(facts.threads), Integrated: facts.integrated != 0,
	}, nil
}
