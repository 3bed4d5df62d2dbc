package main

import (
	"fmt"
	"image"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// letters and short words, which are no icons. signs look like one, and are not learnt
// as anything.
var (
	letters = strings.Split("ABCDEFGHJKLMNOPQRSTUVWXYZabcdefghjkmnopqrstuvwxyz0123456789@#&%$<>", "")
	signs   = strings.Split("+?Iil", "")
	words   = strings.Fields("ONE OK No Yes Go Hi All New Mon Tue PDF 12 24 A4 3D on AM Ok it To")
)

// ownFonts are those that letters are learnt in.
func ownFonts() [][]byte { return [][]byte{goregular.TTF, gobold.TTF, gomono.TTF} }

// write draws a text and returns its coverage, row-major, and its width; nil for what a
// font does not have.
func write(face font.Face, text string) ([]float64, int) {
	bounds, _ := font.BoundString(face, text)
	box := image.Rect(bounds.Min.X.Floor(), bounds.Min.Y.Floor(), bounds.Max.X.Ceil(), bounds.Max.Y.Ceil())
	if box.Empty() {
		return nil, 0
	}
	alpha := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	d := font.Drawer{Dst: alpha, Src: image.Opaque, Face: face, Dot: fixed.P(-box.Min.X, -box.Min.Y)}
	d.DrawString(text)
	out := make([]float64, len(alpha.Pix))
	for i, v := range alpha.Pix {
		out[i] = float64(v) / 255
	}
	return out, box.Dx()
}

func faceOf(data []byte, size float64) (font.Face, error) {
	f, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	return face, nil
}
