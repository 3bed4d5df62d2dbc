package simulated

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
)

const (
	// ringWidth is that of the ring around the element with the focus, in pixels.
	ringWidth = 2
	// grain is the side of the squares that stand for writing, in pixels.
	grain = 4
	// titleHeight is that of the line at the top that stands for the title.
	titleHeight = 6
)

// frame stores a picture of the screen: equal screens give equal pictures.
func (d *Desktop) frame() (contracts.Frame, error) {
	img := image.NewGray(image.Rectangle{Max: d.monitor.Size()})
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	write(img, image.Rect(0, 0, img.Rect.Dx(), titleHeight), d.screen.Title)
	for i, e := range d.screen.Elements {
		box := image.Rect(e.Box.X, e.Box.Y, e.Box.X+e.Box.W, e.Box.Y+e.Box.H)
		if i == d.focus {
			fill(img, box.Inset(-ringWidth), 0)
		}
		fill(img, box, 0x80)
		fill(img, box.Inset(1), 0xff)
		said := fmt.Sprint(e.Kind, e.Text, e.Caption, e.Checked)
		if e.Kind != screen.Field && e.Kind != screen.Text { // a field shows the focus, what can be pressed that it was
			said += fmt.Sprint(d.state.Clicks[e.Label()])
		}
		write(img, box.Inset(ringWidth+ringWidth), said)
	}
	write(img, image.Rect(img.Rect.Dx()-grain, titleHeight, img.Rect.Dx(), img.Rect.Dy()), fmt.Sprint(d.state.Scrolled)) // a scroll bar
	if !d.spinner.Empty() {
		d.turns++
		write(img, d.spinner, fmt.Sprint(d.turns))
	}
	return d.store(img)
}

// store keeps a picture under its hash.
func (d *Desktop) store(img image.Image) (contracts.Frame, error) {
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&buf, img); err != nil {
		return contracts.Frame{}, fmt.Errorf("picture the screen: %w", err)
	}
	sum := sha256.Sum256(buf.Bytes())
	name := hex.EncodeToString(sum[:])
	d.pictures[name] = buf.Bytes()
	return contracts.Frame{
		Image:   contracts.Blob{Bucket: "simulated", Key: name + ".png", SHA256: name, Size: int64(buf.Len())},
		OriginX: d.monitor.Min.X, OriginY: d.monitor.Min.Y, Width: d.monitor.Dx(), Height: d.monitor.Dy(), Scale: 1,
	}, nil
}

// moving are the spinner's area, in the pointer's coordinates.
func (d *Desktop) moving() []screen.Box {
	if d.spinner.Empty() {
		return nil
	}
	at := d.spinner.Add(d.monitor.Min)
	return []screen.Box{{X: at.Min.X, Y: at.Min.Y, W: at.Dx(), H: at.Dy()}}
}

func fill(img *image.Gray, r image.Rectangle, shade uint8) {
	draw.Draw(img, r, image.NewUniform(color.Gray{Y: shade}), image.Point{}, draw.Src)
}

// write fills an area with a pattern that another text would not give.
func write(img *image.Gray, r image.Rectangle, text string) {
	hash := sha256.Sum256([]byte(text))
	for n, y := 0, r.Min.Y; y < r.Max.Y; y += grain {
		for x := r.Min.X; x < r.Max.X; x += grain {
			fill(img, image.Rect(x, y, x+grain, y+grain).Intersect(r), hash[n%len(hash)])
			n++
		}
	}
}
