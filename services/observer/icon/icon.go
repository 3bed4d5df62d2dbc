// Package icon tells what an icon shows, such as a bin or a star, from its pixels.
//
// What is drawn is brought to one size, whatever its colours are, and described by where
// its ink is and which directions its edges have. That is projected on the axes on
// which drawings of one thing by different hands are most alike, and compared with
// drawings of nine free icon sets. tools/icons makes the table of these and measures
// it; docs/adr/0016 has the numbers.
package icon

import (
	_ "embed"
	"image"
	"sync"
)

const (
	// least and most are how wide or high an icon is, in pixels: smaller ones are a
	// few dots, larger ones drawings.
	least, most = 8, 128
)

//go:embed table.gz
var packed []byte

// table is unpacked when first asked for: a few milliseconds.
var table = sync.OnceValue(func() *Table {
	t, err := Unpack(packed)
	if err != nil {
		panic(err) // it is part of the program
	}
	return t
})

// Name is what the icon in a box shows, in a word or two such as "delete" or "reply all",
// and how sure that is, 0 to 1; "" when it is not sure, or when it is a text. The box may
// be larger than what is drawn in it; what is around it is the ground.
func Name(picture *image.RGBA, box image.Rectangle) (name string, confidence float64) {
	if long := max(box.Dx(), box.Dy()); long < least || long > most {
		return "", 0
	}
	return table().Name(picture, box)
}

// Names are all that Name may say.
func Names() []string { return append([]string(nil), table().Names[1:]...) }
