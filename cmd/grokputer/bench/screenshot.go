package bench

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
)

// drawScreenshot: a picture of the screen is saved to the desktop folder.
func drawScreenshot(rng *rand.Rand) Case {
	return Case{
		Kind: "screenshot",
		Task: one(rng,
			"take a screenshot and save it to the desktop",
			"please take a screenshot and save it on the desktop",
			"make a screenshot and put it on my desktop",
			"capture the screen and save it to the desktop",
			"save a screenshot to the desktop",
			"Take a screenshot. Save it to the desktop.",
		),
		Prepare: func(p Place) error { return p.emptyFolder("Desktop") },
		Judge: func(_ context.Context, p Place, _ contracts.TaskEnded) (string, error) {
			return judgePicture(p)
		},
	}
}

// judgePicture wants exactly one picture in the folder, of the whole screen.
func judgePicture(p Place) (string, error) {
	folder := p.Folders["Desktop"]
	files, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return fmt.Sprintf("there are %d pictures on the desktop, not one", len(files)), nil
	}
	f, err := os.Open(files[0])
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	picture, err := png.Decode(f)
	if err != nil {
		return "the file is no picture: " + err.Error(), nil
	}
	screen, err := p.Capture()
	if err != nil {
		return "", err
	}
	if share := difference(picture, screen); share > 0.01 {
		return fmt.Sprintf("the picture differs from the screen in %.1f %% of its points", 100*share), nil
	}
	return "", nil
}

// difference is the share of the points that two pictures do not have in common.
func difference(a, b image.Image) float64 {
	if a.Bounds().Size() != b.Bounds().Size() {
		return 1
	}
	size := a.Bounds().Size()
	other := 0
	for y := range size.Y {
		for x := range size.X {
			r1, g1, b1, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			if r1 != r2 || g1 != g2 || b1 != b2 {
				other++
			}
		}
	}
	return float64(other) / float64(size.X*size.Y)
}
