package readers_test

import (
	"cmp"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/cmd/readers"
	"github.com/grokputer/grokputer/services/observer/layout"
	"github.com/grokputer/grokputer/services/observer/observertest"
	"github.com/grokputer/grokputer/services/observer/ppocr"
)

// The page of the benchmark, in CSS pixels: two columns of lines.
const (
	pageLines   = 120
	rowHeight   = 26
	columnWidth = 600
)

const pageWords = `hello world the quick brown fox jumps over lazy dog Meeting notes for Monday please buy milk bread
eggs call John at noon Dear Anna thank you report draft invoice total price list new project plan budget weather
sunny today remember water plants tomorrow morning password Username email address Submit Cancel Open Save Close
fjord illicit Illinois William bill still jazz quiz vexing zebra Settings Help Edit View Search Download Next Back`

// A text is one line of the page and where it is.
type text struct {
	want string
	box  image.Rectangle // in CSS pixels
}

// page writes a page of lines as programs show them, the same ones each time.
func page() (markup string, texts []text) {
	g := rand.New(rand.NewPCG(7, 0))
	words := strings.Fields(pageWords)
	word := func() string { return words[g.IntN(len(words))] }
	const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	token := func() string {
		b := make([]byte, 4+g.IntN(5))
		for i := range b {
			b[i] = letters[g.IntN(len(letters))]
		}
		return string(b)
	}
	forms := []func() string{
		func() string { return word() },
		func() string { return word() + " " + word() },
		func() string { return word() + " " + word() + " " + word() + " " + word() + " " + word() + "." },
		func() string { return word() + "@" + word() + ".com" },
		func() string { return fmt.Sprintf("%d:%02d pm - %s", 1+g.IntN(12), g.IntN(60), word()) },
		func() string { return fmt.Sprintf("%d + %d = %d", g.IntN(100), g.IntN(100), g.IntN(200)) },
		func() string { return word() + "_" + word() + ".txt" },
		func() string { return fmt.Sprintf("$%d.%02d (%s)", g.IntN(1000), g.IntN(100), word()) },
		func() string { return fmt.Sprintf("20%02d-%02d-%02d", g.IntN(30), 1+g.IntN(12), 1+g.IntN(28)) },
		func() string { return token() + " " + token() },
	}
	lines := make([]string, pageLines)
	for i := range lines {
		lines[i] = forms[i%len(forms)]()
	}
	return lay(g, lines)
}

// signs writes a page of single characters, as on the keys of a calculator.
func signs() (markup string, texts []text) {
	var all []string
	for range 2 {
		for r := '!'; r <= '~'; r++ {
			all = append(all, string(r))
		}
	}
	return lay(rand.New(rand.NewPCG(8, 0)), all)
}

// lay lays lines out in two columns, each in a face, a size and colours of its own.
func lay(g *rand.Rand, lines []string) (markup string, texts []text) {
	faces := []string{"sans-serif", "serif", "monospace"}
	colours := []string{"color:#000", "color:#555", "color:#fff;background:#1a73e8", "color:#0645ad;text-decoration:underline"}
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;background:#fff">`)
	for i, want := range lines {
		x, y := columnWidth*(i%2), rowHeight*(i/2)
		fmt.Fprintf(&b, `<div style="position:absolute;left:%dpx;top:%dpx;padding:2px 6px;white-space:pre;font:%s %dpx %s;%s">%s</div>`,
			x+8, y+2, []string{"normal", "bold"}[g.IntN(4)/3], 12+g.IntN(5), faces[g.IntN(len(faces))], colours[g.IntN(6)%4], html.EscapeString(want))
		texts = append(texts, text{want, image.Rect(x, y, x+columnWidth, y+rowHeight)})
	}
	return b.String(), texts
}

// shown has a browser show the page at a scale.
func shown(b *testing.B, markup string, height, scale int) *image.RGBA {
	b.Helper()
	dir := b.TempDir()
	file, shot := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.png")
	if err := os.WriteFile(file, []byte(markup), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(dir, "profile"), fmt.Sprintf("--force-device-scale-factor=%d", scale),
		fmt.Sprintf("--window-size=%d,%d", 2*columnWidth, height), "--screenshot="+shot, "file://"+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("chromium: %v\n%s", err, out)
	}
	in, err := os.Open(shot)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	decoded, err := png.Decode(in)
	if err != nil {
		b.Fatal(err)
	}
	picture := image.NewRGBA(image.Rectangle{Max: decoded.Bounds().Size()})
	draw.Draw(picture, picture.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return picture
}

// found are the cut-outs of each text, from left to right, as the finder makes them.
func found(b *testing.B, picture *image.RGBA, texts []text, scale int) [][]observer.Line {
	b.Helper()
	regions, err := layout.New().Find(b.Context(), picture, nil)
	if err != nil {
		b.Fatal(err)
	}
	lines := make([][]observer.Line, len(texts))
	for _, r := range regions {
		for _, l := range r.Lines {
			at := image.Pt((l.Box.Min.X+l.Box.Max.X)/2/scale, (l.Box.Min.Y+l.Box.Max.Y)/2/scale)
			for i, t := range texts {
				if at.In(t.box) {
					lines[i] = append(lines[i], l)
				}
			}
		}
	}
	for _, l := range lines {
		slices.SortFunc(l, func(a, b observer.Line) int { return cmp.Compare(a.Box.Min.X, b.Box.Min.X) })
	}
	return lines
}

// readAll reads all texts at once, as the eyes do.
func readAll(b *testing.B, r observer.Reader, lines [][]observer.Line) []string {
	b.Helper()
	read := make([][]string, len(lines))
	group, ctx := errgroup.WithContext(b.Context())
	for i, parts := range lines {
		read[i] = make([]string, len(parts))
		for k, l := range parts {
			group.Go(func() error {
				words, err := r.Read(ctx, l.Picture)
				texts := make([]string, len(words))
				for n, w := range words {
					texts[n] = w.Text
				}
				read[i][k] = strings.Join(texts, " ")
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	joined := make([]string, len(read))
	for i, parts := range read {
		joined[i] = strings.Join(parts, " ")
	}
	return joined
}

// BenchmarkReaders has both readers read the same lines of a page, as the finder
// cuts them out, each in its processes: how many texts are exact, and how long
// one takes when all are read at once. -v prints the others.
func BenchmarkReaders(b *testing.B) {
	for _, kind := range []struct {
		name string
		page func() (string, []text)
	}{{"lines", page}, {"signs", signs}} {
		markup, texts := kind.page()
		for _, scale := range []int{1, 2} {
			lines := found(b, shown(b, markup, texts[len(texts)-1].box.Max.Y, scale), texts, scale)
			for _, name := range []string{readers.PPOCR, readers.Tesseract} {
				b.Run(fmt.Sprintf("%s/%s/scale=%d", kind.name, name, scale), func(b *testing.B) { compare(b, name, lines, texts) })
			}
		}
	}
}

func compare(b *testing.B, name string, lines [][]observer.Line, texts []text) {
	b.Helper()
	models := observertest.Models(b, ppocr.RuntimeFile, ppocr.RecognitionFile)
	r, err := readers.Only(readers.Settings{Reader: name, Models: models}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	read := readAll(b, r, lines) // starts all processes
	exact := 0
	for i, t := range texts {
		if read[i] == t.want {
			exact++
		} else {
			b.Logf("%q is read as %q", t.want, read[i])
		}
	}
	began, rounds := time.Now(), 0
	for b.Loop() {
		readAll(b, r, lines)
		rounds++
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(rounds*len(texts)), "ms/line")
	b.ReportMetric(100*float64(exact)/float64(len(texts)), "%exact")
}
