package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// sheet writes a picture of icons, a row for each class and set, to be looked at.
func sheet(file string, pictures []picture, size int) error {
	const title, columns = 150, 44
	cell := size + 6
	type row struct{ class, set string }
	rows := make(map[row][]picture)
	var order []row
	for _, p := range pictures {
		r := row{p.class, ""}
		for len(rows[r]) >= columns {
			r.set += "+"
		}
		if rows[r] == nil {
			order = append(order, r)
		}
		rows[r] = append(rows[r], p)
	}
	out := image.NewGray(image.Rect(0, 0, title+columns*cell, len(order)*cell))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	for y, r := range order {
		d := font.Drawer{Dst: out, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(2, y*cell+cell/2+4)}
		d.DrawString(r.class + r.set)
		for x, p := range rows[r] {
			for i, v := range p.mask.sums().coverage(size, 0, 0) {
				out.SetGray(title+x*cell+i%size, y*cell+3+i/size, color.Gray{Y: uint8(255 - 255*v)})
			}
		}
	}
	f, err := os.Create(file) //nolint:gosec // the caller says where
	if err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	if err := png.Encode(f, out); err != nil {
		return fmt.Errorf("write the sheet: %w", err)
	}
	return f.Close()
}
