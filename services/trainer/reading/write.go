package reading

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
)

// LinesFile is the file of a written dataset with a line of JSON for each picture.
const LinesFile = "readings.jsonl"

// margin is how many pixels of what is around an element stand in its picture.
const margin = 4

// Line is a line of LinesFile.
type Line struct {
	// Picture is the file with the element's picture, a PNG beside LinesFile.
	Picture string `json:"picture"`
	Misread
}

// Fetch gets the picture of a screen; ok is false for one that is gone.
type Fetch func(ctx context.Context, frame contracts.Frame) (picture []byte, ok bool, err error)

// Write makes a folder with a picture of each element that was misread, and LinesFile. It
// appears whole or not at all, and is for its owner alone. It returns how many were written: those
// whose picture is gone, or that lie outside of it, are left out.
func Write(ctx context.Context, folder string, all []Misread, fetch Fetch) (written int, err error) {
	if _, err := os.Lstat(folder); err == nil {
		return 0, fmt.Errorf("%s is there already: name another folder", folder)
	}
	part, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+".part-")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	var lines bytes.Buffer
	for _, m := range all {
		picture, ok, err := fetch(ctx, m.Frame)
		if err != nil {
			return 0, fmt.Errorf("the picture of step %d of %s: %w", m.Step, m.SessionID, err)
		}
		cut, inside, err := crop(picture, m)
		if err != nil {
			return 0, fmt.Errorf("the picture of step %d of %s: %w", m.Step, m.SessionID, err)
		}
		if !ok || !inside {
			continue
		}
		written++
		line := Line{Picture: fmt.Sprintf("%05d.png", written), Misread: m}
		if err := os.WriteFile(filepath.Join(part, line.Picture), cut, 0o600); err != nil {
			return 0, err
		}
		body, err := json.Marshal(line)
		if err != nil {
			return 0, err
		}
		lines.Write(append(body, '\n'))
	}
	if err := os.WriteFile(filepath.Join(part, LinesFile), lines.Bytes(), 0o600); err != nil {
		return 0, err
	}
	return written, os.Rename(part, folder)
}

// crop cuts an element out of the picture of a screen; inside is false when it does not lie in it, and for no picture.
func crop(picture []byte, m Misread) (cut []byte, inside bool, err error) {
	if len(picture) == 0 {
		return nil, false, nil
	}
	whole, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return nil, false, err
	}
	box := image.Rect(m.Box.X, m.Box.Y, m.Box.X+m.Box.W, m.Box.Y+m.Box.H)
	if box.Empty() || !box.In(whole.Bounds()) {
		return nil, false, nil
	}
	area := box.Inset(-margin).Intersect(whole.Bounds())
	part := image.NewRGBA(image.Rectangle{Max: area.Size()})
	draw.Draw(part, part.Rect, whole, area.Min, draw.Src)
	var body bytes.Buffer
	if err := png.Encode(&body, part); err != nil {
		return nil, false, err
	}
	return body.Bytes(), true, nil
}
