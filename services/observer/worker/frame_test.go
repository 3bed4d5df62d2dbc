package worker

import (
	"bytes"
	"errors"
	"image"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLineIsPacked(t *testing.T) {
	t.Parallel()
	whole := image.NewGray(image.Rect(0, 0, 6, 5))
	for i := range whole.Pix {
		whole.Pix[i] = uint8(i)
	}
	part, ok := whole.SubImage(image.Rect(2, 1, 5, 3)).(*image.Gray)
	if !ok {
		t.Fatal("a part of a Gray is no Gray")
	}
	got, err := unpackLine(packLine(part))
	if err != nil {
		t.Fatal(err)
	}
	want := &image.Gray{Pix: []uint8{8, 9, 10, 14, 15, 16}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the line differs (- want, + got):\n%s", diff)
	}
	for name, body := range map[string][]byte{
		"no size": {0, 0, 0}, "short": {0, 0, 0, 2, 0, 0, 0, 2, 1}, "long": {0, 0, 0, 0, 0, 0, 0, 0, 1},
		"too large": {255, 255, 255, 255, 255, 255, 255, 255},
	} {
		if _, err := unpackLine(body); !errors.Is(err, errFrame) {
			t.Errorf("%s: got %v, want %v", name, err, errFrame)
		}
	}
}

func TestFrames(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := writeFrame(&b, kindError, []byte("why")); err != nil {
		t.Fatal(err)
	}
	cut := bytes.NewReader(b.Bytes()[:7])
	if _, _, err := readFrame(cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a frame: %v", err)
	}
	if k, body, err := readFrame(&b); err != nil || k != kindError || string(body) != "why" {
		t.Errorf("read %q, %q, %v", k, body, err)
	}
	if _, _, err := readFrame(&b); !errors.Is(err, io.EOF) {
		t.Errorf("the end: %v", err)
	}
	if _, _, err := readFrame(bytes.NewReader(bytes.Repeat([]byte("y\n"), 4))); !errors.Is(err, errFrame) {
		t.Errorf("another language: %v", err)
	}
}
