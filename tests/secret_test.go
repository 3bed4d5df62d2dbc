package tests

import (
	"bytes"
	"context"
	"image"
	imagedraw "image/draw"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/tesseract"
)

// The agent types a password that only its owner and the editor know: it is in no
// stream, no bucket, no log, no file, and on no picture, as the reader reads them.
func TestSecretStaysSecret(t *testing.T) {
	t.Parallel()
	const password = "Kestrel-4821-Violet"
	file := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(file, []byte("mail="+password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHome(t, append(scripted(t, inTurn(
		`open "text editor"`, `type "my word is "`, `type "{{secret:mail}}"`, "wait 1", `screenshot "vault/shot"`, "done",
	)), "--secrets", file, "--approve-from", "critical", "--log-level", "debug")...)
	up := h.up()
	publish(t, h.connect(), `{"task": "write {{secret:mail}}", "id": "t", "session": "s"}`)
	events := ended(t, h.bus(), "t")
	if verb(events[len(events)-1].Subject) != contracts.VerbCompleted {
		t.Fatalf("the task ended with %s", events[len(events)-1].Data)
	}
	if got := h.desk().text(); got != "my word is "+password {
		t.Errorf("the editor holds %q", got)
	}
	b := h.bus()
	names := b.JetStream().StreamNames(t.Context())
	for name := range names.Name() {
		for _, m := range messages(t, b.JetStream(), name) {
			if bytes.Contains(m.Data(), []byte(password)) {
				t.Errorf("%s on %s holds the secret", name, m.Subject())
			}
		}
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	up.interrupt()
	if strings.Contains(up.output.text(), password) {
		t.Error("the program printed the secret")
	}
	reader, err := tesseract.New(tesseract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	pictures, masked := 0, 0
	err = filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// The editor's own copies of what it was given are the editor's.
		if bytes.Contains(body, []byte(password)) && !strings.Contains(path, filepath.Join("data", "apps")) {
			t.Errorf("%s holds the secret", path)
		}
		if p, err := png.Decode(bytes.NewReader(body)); err == nil && p.Bounds().Dx() > 1000 {
			pictures++
			text := readPicture(t, reader, p)
			if strings.Contains(text, "Kestrel") || strings.Contains(text, "4821") || strings.Contains(text, "Violet") {
				t.Errorf("the picture %s shows the secret: %s", path, text)
			}
			if strings.Contains(text, "my word is") || strings.Contains(text, "word") {
				masked++ // the line is there, and what follows is not
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if pictures < 3 || masked == 0 {
		t.Errorf("%d pictures were looked at, %d of them with the line", pictures, masked)
	}
}

// readPicture is all that can be read on a picture.
func readPicture(t *testing.T, reader observer.Reader, p image.Image) string {
	t.Helper()
	picture := image.NewRGBA(image.Rectangle{Max: p.Bounds().Size()})
	imagedraw.Draw(picture, picture.Rect, p, p.Bounds().Min, imagedraw.Src)
	eyes := observer.NewEyes(nil, nil, layout.New(), reader)
	windows := []observer.Window{{Role: observer.RoleNormal, Frame: picture.Rect, Content: picture.Rect, Focused: true}}
	s, err := eyes.Understand(t.Context(), observer.Capture{Image: picture, Scale: 1}, windows)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range s.Elements {
		all.WriteString(e.Text + "\n")
	}
	return all.String()
}

// messages are all that a stream holds.
func messages(t *testing.T, js jetstream.JetStream, name string) []jetstream.Msg {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := js.Stream(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	n := s.CachedInfo().State.Msgs
	if n == 0 {
		return nil
	}
	consumer, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := consumer.Fetch(int(n))
	if err != nil {
		t.Fatal(err)
	}
	var all []jetstream.Msg
	for m := range batch.Messages() {
		all = append(all, m)
	}
	if err := batch.Error(); err != nil || len(all) == 0 {
		t.Fatalf("%d of %d messages of %s were read: %v", len(all), n, name, err)
	}
	return all
}
