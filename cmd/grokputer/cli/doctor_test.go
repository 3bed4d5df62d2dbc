package cli_test

import (
	"strings"
	"testing"
)

type finding struct {
	Name, State, Detail, Mend string
	Essential                 bool
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	// Without a model it has to fail, and to say how to get one.
	args := []string{"doctor", "--data", t.TempDir(), "--nats-port", "0", "--s3-port", "0"}
	r := run(t.Context(), append(args, "--json")...)
	if r.status != 1 || !strings.Contains(r.err, "missing") {
		t.Fatalf("doctor: status %d\n%s", r.status, r.err)
	}
	findings := map[string]finding{}
	for _, f := range decode[[]finding](t, r.out) {
		findings[f.Name] = f
		if f.State == "missing" && f.Mend == "" {
			t.Errorf("%s is missing, and nothing says how to mend it", f.Name)
		}
	}
	for _, name := range []string{
		"display", "window manager", "text recognition", "reader ppocr", "reader tesseract", "model", "nats", "s3", "secrets", "disk space",
		"graphics (AMD ROCm)", "graphics (NVIDIA CUDA)", "application: text editor",
	} {
		if _, ok := findings[name]; !ok {
			t.Errorf("nothing is said of %s", name)
		}
	}
	if m := findings["model"]; m.State != "missing" || !m.Essential || !strings.Contains(m.Mend, "models pull") {
		t.Errorf("model: %+v", m)
	}
	// Without PP-OCR's files the other reader serves: that is said, and enough.
	if f := findings["text recognition"]; f.State != "ok" || !strings.Contains(f.Detail, "tesseract reads") || !strings.Contains(f.Detail, "models pull") {
		t.Errorf("text recognition: %+v", f)
	}
	if f := findings["reader ppocr"]; f.State != "missing" || f.Essential || !strings.Contains(f.Mend, "models pull") {
		t.Errorf("reader ppocr: %+v", f)
	}
	if r := run(t.Context(), args...); r.status != 1 || !strings.Contains(r.out, "mend: run `grokputer models pull`") {
		t.Errorf("doctor: status %d\n%s", r.status, r.out)
	}
}

func TestDoctorWithOtherServers(t *testing.T) {
	t.Parallel()
	r := run(t.Context(), "doctor", "--json", "--data", t.TempDir(), "--nats-url", "nats://127.0.0.1:1",
		"--s3-endpoint", "127.0.0.1:1", "--planner-url", "http://127.0.0.1:1/v1", "--apps", "paint|draw=no-such-program --new")
	findings := map[string]finding{}
	for _, f := range decode[[]finding](t, r.out) {
		findings[f.Name] = f
	}
	for _, name := range []string{"nats", "s3", "planner", "application: paint"} {
		if f := findings[name]; f.State != "missing" {
			t.Errorf("%s: %+v; want it missing", name, f)
		}
	}
	if findings["application: paint"].Essential {
		t.Error("an application of the list is essential")
	}
}
