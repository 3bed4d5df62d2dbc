package bench

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

// place is a desktop without a display: enough for the oracles of files.
func place(t *testing.T) Place {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	picture.Set(3, 4, color.White)
	return Place{
		Folders: map[string]string{"vault": filepath.Join(t.TempDir(), "vault"), "Desktop": filepath.Join(t.TempDir(), "desk")},
		Capture: func() (image.Image, error) { return picture, nil },
	}
}

func TestCountIsJudgedByTheFiles(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		c, p := drawCount(rng), place(t)
		if err := c.Prepare(p); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := filepath.WalkDir(p.Folders["vault"], func(path string, _ os.DirEntry, err error) error {
			if strings.HasSuffix(path, ".pdf") {
				n++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for answer, right := range map[string]bool{
			strconv.Itoa(n): true, strconv.Itoa(n + 1): false, "": false, "about " + strconv.Itoa(n): false,
		} {
			wrong, err := c.Judge(t.Context(), p, contracts.TaskEnded{Answer: answer})
			if err != nil || (wrong == "") != right {
				t.Errorf("%d files, answer %q: %q, %v", n, answer, wrong, err)
			}
		}
	}
}

func TestScreenshotIsJudgedByThePicture(t *testing.T) {
	t.Parallel()
	p := place(t)
	c := drawScreenshot(rand.New(rand.NewPCG(1, 2)))
	if err := c.Prepare(p); err != nil {
		t.Fatal(err)
	}
	judge := func() string {
		wrong, err := c.Judge(context.Background(), p, contracts.TaskEnded{})
		if err != nil {
			t.Fatal(err)
		}
		return wrong
	}
	if judge() == "" {
		t.Error("no picture is right")
	}
	save := func(name string, picture image.Image) {
		f, err := os.Create(filepath.Join(p.Folders["Desktop"], name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, picture); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	save("a.png", image.NewRGBA(image.Rect(0, 0, 40, 20)))
	if judge() == "" {
		t.Error("a picture of another size is right")
	}
	screen, _ := p.Capture()
	save("a.png", screen)
	if wrong := judge(); wrong != "" {
		t.Errorf("the picture of the screen is wrong: %s", wrong)
	}
	save("b.png", screen)
	if judge() == "" {
		t.Error("two pictures are right")
	}
}

// The same seed draws the same tasks, so that two runs can be compared.
func TestSeedDrawsTheTasks(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		a, b := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(7, 7))
		tasks := map[string]bool{}
		for range 10 {
			one, other := kind.Draw(a), kind.Draw(b)
			if one.Task != other.Task || one.Kind != kind.Name {
				t.Errorf("%s: %q and %q", kind.Name, one.Task, other.Task)
			}
			tasks[one.Task] = true
		}
		if len(tasks) < 3 {
			t.Errorf("%s: only %d wordings in 10 tasks", kind.Name, len(tasks))
		}
	}
}
