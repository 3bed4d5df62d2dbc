//go:build linux

package model_test

import (
	"os"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/compute"
	"github.com/grokputer/grokputer/lm/compute/gpu"
	"github.com/grokputer/grokputer/lm/compute/gpu/driver"
	"github.com/grokputer/grokputer/lm/compute/gpu/standin"
)

// device returns a backend that computes in place of the processor's, if GROKPUTER_TEST_DEVICE names one: hip or cuda, or standin-hip
// or standin-cuda for the stand-in. make test-gpu sets it.
func device(tb testing.TB) compute.Backend {
	tb.Helper()

	name := os.Getenv("GROKPUTER_TEST_DEVICE")
	if name == "" {
		return nil
	}

	options := gpu.Options{Precision: compute.Float32}
	vendor, standIn := strings.CutPrefix(name, "standin-")

	if standIn {
		folder, err := standin.Build()
		if err != nil {
			tb.Fatal(err)
		}

		options.Search = []string{folder}
	}

	switch vendor {
	case "hip":
		options.Kind = driver.HIP
	case "cuda":
		options.Kind = driver.CUDA
	default:
		tb.Fatalf("GROKPUTER_TEST_DEVICE is %q, want hip, cuda, standin-hip or standin-cuda", name)
	}

	b, err := gpu.New(options)
	if err != nil {
		tb.Fatal(err)
	}

	return b
}
