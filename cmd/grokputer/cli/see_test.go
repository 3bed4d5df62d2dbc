package cli_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/services/observer/sim"
)

// dialog writes a picture of a text, a field and a button.
func dialog(t *testing.T) string {
	t.Helper()
	c := sim.NewCanvas(400, 200, sim.Pane)
	c.Text(20, 27, "Name", sim.Ink)
	c.Field(image.Rect(80, 20, 300, 50), "hello world")
	c.Button(image.Rect(80, 80, 160, 114), "Save")
	return picture(t, c)
}

func picture(t *testing.T, p image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "picture.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSeePicture(t *testing.T) {
	t.Parallel()
	path := dialog(t)
	out := ok(t, "see", "--image", path, "--reader", "tesseract")
	if want := "text \"Name\"\nfield \"hello world\" for \"Name\"\nbutton \"Save\"\n"; out != want {
		t.Errorf("saw\n%s\nwant\n%s", out, want)
	}
	annotated := filepath.Join(t.TempDir(), "out.png")
	got := decode[struct {
		Reader        string
		Width, Height int
		Screen        screen.Screen
	}](t, ok(t, "see", "--image", path, "--reader", "tesseract", "--json", "--annotate", annotated))
	if got.Reader != "tesseract" || got.Width != 400 || got.Height != 200 || len(got.Screen.Elements) != 3 {
		t.Errorf("saw %+v", got)
	}
	if e := got.Screen.Elements[2]; e.Kind != screen.Button || e.Box != (screen.Box{X: 80, Y: 80, W: 80, H: 34}) {
		t.Errorf("the button is %+v", e)
	}
	file, err := os.Open(annotated)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if p, err := png.Decode(file); err != nil || p.Bounds() != image.Rect(0, 0, 400, 200) {
		t.Errorf("the annotated picture: %v", err)
	}
}

// Without PP-OCR's files Tesseract reads, and the log says so; named, PP-OCR is
// not replaced.
func TestSeeWithoutModels(t *testing.T) {
	t.Parallel()
	path := dialog(t)
	r := run(t.Context(), "see", "--image", path, "--data", t.TempDir())
	if r.status != 0 || !strings.Contains(r.out, `button "Save"`) || !strings.Contains(r.err, "grokputer models pull") || !strings.Contains(r.err, "read by tesseract") {
		t.Errorf("status %d\n%s%s", r.status, r.out, r.err)
	}
	fails(t, 1, "grokputer models pull", "see", "--image", path, "--data", t.TempDir(), "--reader", "ppocr")
}

func TestSeeNothing(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]image.Image{"one colour": sim.NewCanvas(40, 30, sim.Pane), "one pixel": sim.NewCanvas(1, 1, sim.Pane)} {
		if out := ok(t, "see", "--image", picture(t, p), "--reader", "tesseract"); out != "" {
			t.Errorf("%s: saw %s", name, out)
		}
	}
}

func TestSeeRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"text.png": "no picture",
		"cut.png":  "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x08\x00\x00\x00\x08\x08\x02\x00\x00\x00\x4b\x6d\x29\xdc",
		"huge.png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00\xe3\xe6\xa7\xb4",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for _, test := range []struct {
		status int
		says   string
		args   []string
	}{
		{2, "--image", nil},
		{2, "--live", []string{"--live", "--image", file("text.png")}},
		{2, "--reader", []string{"--image", file("text.png"), "--reader", "eyes"}},
		{1, "no such file", []string{"--image", file("none.png")}},
		{1, "is no picture", []string{"--image", file("text.png")}},
		{1, "is no picture", []string{"--image", dir}},
		{1, "is damaged", []string{"--image", file("cut.png")}},
		{1, "more than any screen", []string{"--image", file("huge.png")}},
		{1, "start `grokputer up`", []string{"--live"}},
		{1, "64999", []string{"--live", "--display", ":64999", "--reader", "tesseract"}},
		{1, "no such file", []string{"--image", dialog(t), "--reader", "tesseract", "--annotate", file("none/out.png")}},
	} {
		fails(t, test.status, test.says, append([]string{"see", "--data", dir}, test.args...)...)
	}
}

// With its files PP-OCR reads.
func TestSeeWithModels(t *testing.T) {
	t.Parallel()
	models := filepath.Dir(golden.ModelPath(t))
	r := run(t.Context(), "see", "--image", dialog(t), "--observer-models", models)
	if r.status != 0 || !strings.Contains(r.out, "field \"hello world\" for \"Name\"\nbutton \"Save\"\n") || !strings.Contains(r.err, "read by ppocr") {
		t.Errorf("status %d\n%s%s", r.status, r.out, r.err)
	}
}
