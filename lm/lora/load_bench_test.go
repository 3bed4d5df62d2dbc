package lora_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/grokputer/grokputer/lm/lora"
)

// smollmDims are SmolLM2-135M's: rank 16 on all seven modules is 19.5 MB in float32.
func smollmDims() lora.Dims {
	return lora.Dims{Layers: 30, Shapes: [lora.Modules]lora.Shape{
		lora.Query: {In: 576, Out: 576}, lora.Key: {In: 576, Out: 192}, lora.Value: {In: 576, Out: 192}, lora.Output: {In: 576, Out: 576},
		lora.Gate: {In: 576, Out: 1536}, lora.Up: {In: 576, Out: 1536}, lora.Down: {In: 1536, Out: 576},
	}}
}

// Loading an adapter of SmolLM2-135M with its file in the page cache, digest included.
func BenchmarkLoad(b *testing.B) {
	a, err := lora.New(lora.DefaultConfig(), smollmDims(), 1)
	if err != nil {
		b.Fatal(err)
	}
	family := lora.Family{Architecture: "llama", HeadDim: 64}
	dir, file := filepath.Join(b.TempDir(), "adapter"), filepath.Join(b.TempDir(), "adapter.gguf")
	meta, err := lora.Save(dir, a, lora.SaveOptions{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := lora.SaveGGUF(file, a, family, lora.SaveOptions{}); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, lora.WeightsFile))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("PEFT", func(b *testing.B) {
		b.SetBytes(info.Size())
		for b.Loop() {
			if _, _, err := lora.Load(dir, smollmDims(), lora.Expect{SHA256: meta.AdapterSHA256}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("GGUF", func(b *testing.B) {
		b.SetBytes(info.Size())
		for b.Loop() {
			if _, _, err := lora.LoadGGUF(file, smollmDims(), family, lora.Expect{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
