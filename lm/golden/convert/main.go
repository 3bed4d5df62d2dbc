// Convert writes a folder's adapter as the GGUF file that llama.cpp is compared with:
//
//	go run ./golden/convert MODEL.gguf FOLDER OUT.gguf
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/grokputer/grokputer/lm"
	"github.com/grokputer/grokputer/lm/lora"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: convert MODEL.gguf FOLDER OUT.gguf")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, base, folder, out string) (err error) {
	e, err := lm.Open(ctx, base, lm.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	a, meta, err := lora.Load(folder, e.Dims(), lora.Expect{BaseSHA256: e.Info().SHA256})
	if err != nil {
		return err
	}
	_, err = e.SaveAdapter(out, a, "", meta)
	return err
}
