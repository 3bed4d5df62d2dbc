package observer_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/secrets"
	"github.com/grokputer/grokputer/services/observer"
)

// store is a file with one secret.
func store(t *testing.T, name, value string) secrets.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(path, []byte(name+"="+value+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return secrets.File(path)
}

// picture fetches a stored frame.
func (r running) picture(t *testing.T, f contracts.Frame) image.Image {
	t.Helper()
	body, err := r.blobs.Get(t.Context(), f.Image)
	if err != nil {
		t.Fatal(err)
	}
	p, err := png.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// black reports whether an area of a picture is.
func black(p image.Image, area image.Rectangle) bool {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if r, g, b, _ := p.At(x, y).RGBA(); r+g+b != 0 {
				return false
			}
		}
	}
	return true
}

// field is where the text of the dialog's field stands.
func field() image.Rectangle { return image.Rect(80, 20, 300, 50) }

func text(t *testing.T, s screen.Screen, kind screen.Kind) string {
	t.Helper()
	for _, e := range s.Elements {
		if e.Kind == kind {
			return e.Text
		}
	}
	t.Fatalf("there is no %s in %+v", kind, s)
	return ""
}

// What was typed since a picture is blacked out before the new one is stored, and
// what reads like a secret is not told; that holds for who looks on his own, too.
func TestVeilHidesWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := runWith(t, observer.Options{Secrets: store(t, "mail", "another")})
	before := r.ask(t, contracts.ObservationRequested{ID: "r1", Desktop: "main", TaskID: "t1"})
	if before.Error != "" || len(before.Masked) != 0 || text(t, before.Screen, screen.Field) != "one" {
		t.Fatalf("before: %+v", before)
	}
	c := dialog("two")
	r.desktop.Show(c.RGBA, whole(c))
	after := r.ask(t, contracts.ObservationRequested{ID: "r2", Desktop: "main", TaskID: "t1", MaskSince: &before.Frame.Image, Secrets: []string{"mail"}})
	if after.Error != "" || len(after.Masked) == 0 || text(t, after.Screen, screen.Field) != observer.Masked || text(t, after.Screen, screen.Button) != "Save" {
		t.Fatalf("after: %+v", after)
	}
	if p := r.picture(t, after.Frame); !black(p, field()) || black(p, p.Bounds()) {
		t.Error("the field is not blacked out, or all is")
	}
	again := r.ask(t, contracts.ObservationRequested{ID: "r3", Desktop: "main", TaskID: "t1", Mask: after.Masked, Secrets: []string{"mail"}})
	if !black(r.picture(t, again.Frame), field()) || text(t, again.Screen, screen.Field) != observer.Masked {
		t.Errorf("the next look shows it: %+v", again)
	}
	if own := r.ask(t, contracts.ObservationRequested{ID: "r4", Desktop: "main"}); !black(r.picture(t, own.Frame), field()) {
		t.Errorf("who looks on his own sees it: %+v", own)
	}
	if next := r.ask(t, contracts.ObservationRequested{ID: "r5", Desktop: "main", TaskID: "t2"}); black(r.picture(t, next.Frame), field()) {
		t.Errorf("the next task is kept from seeing it: %+v", next)
	}
}

// A secret is found by how it reads, wherever it stands, also without being told.
func TestVeilFindsSecrets(t *testing.T) {
	t.Parallel()
	for name, names := range map[string][]string{"named": {"mail"}, "not named": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runWith(t, observer.Options{Secrets: store(t, "mail", "one")})
			got := r.ask(t, contracts.ObservationRequested{ID: "r1", Desktop: "main", TaskID: "t1", Secrets: names})
			if got.Error != "" || text(t, got.Screen, screen.Field) != observer.Masked || !black(r.picture(t, got.Frame), field()) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What cannot be hidden is not shown.
func TestVeilRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options observer.Options
		request contracts.ObservationRequested
		want    string
	}{
		"no store":    {observer.Options{}, contracts.ObservationRequested{Secrets: []string{"mail"}}, "the same setting secrets"},
		"not there":   {observer.Options{Secrets: store(t, "mail", "x")}, contracts.ObservationRequested{Secrets: []string{"bank"}}, `"bank" is not in`},
		"no picture":  {observer.Options{}, contracts.ObservationRequested{MaskSince: &contracts.Blob{Bucket: "grokputer", Key: "frames/none.png", SHA256: strings.Repeat("0", 64)}}, "before it was typed"},
		"no pictures": {observer.Options{}, contracts.ObservationRequested{MaskSince: &contracts.Blob{}}, "before it was typed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runWith(t, tt.options)
			tt.request.ID, tt.request.Desktop, tt.request.TaskID = "r1", "main", "t1"
			if got := r.ask(t, tt.request); !strings.Contains(got.Error, tt.want) || got.Frame.Image.Key != "" || len(got.Screen.Elements) != 0 {
				t.Errorf("got %+v, want an error with %q", got, tt.want)
			}
		})
	}
}
