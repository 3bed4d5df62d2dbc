package layout

import (
	"image"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/services/observer"
)

// Two messages of a list, each with two lines and two icons between them at the right:
// the icons are read with their message. The same with buttons are columns.
func TestReadingOrder(t *testing.T) {
	t.Parallel()
	for kind, want := range map[screen.Kind]string{
		screen.Icon: "sender1 subject1 star1 bin1 sender2 subject2 star2 bin2",
		screen.Text: "sender1 subject1 sender2 subject2 star1 star2 bin1 bin2",
	} {
		var regions []observer.Region
		names := map[image.Rectangle]string{}
		add := func(kind screen.Kind, name string, x, y, w, h int) {
			box := image.Rect(x, y, x+w, y+h)
			names[box] = name
			regions = append(regions, observer.Region{Kind: kind, Box: box})
		}
		for i, n := range []string{"1", "2"} {
			y := 60 * i
			add(kind, "bin"+n, 300, y+14, 12, 20)
			add(screen.Text, "subject"+n, 10, y+27, 90, 16)
			add(screen.Text, "sender"+n, 10, y, 60, 16)
			add(kind, "star"+n, 260, y+14, 12, 20)
		}
		var got []string
		for _, r := range readingOrder(regions) {
			got = append(got, names[r.Box])
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", kind, text, want)
		}
	}
}
