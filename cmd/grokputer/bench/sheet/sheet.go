package sheet

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/stage"
	"github.com/grokputer/grokputer/contracts/screen"
)

// Round is one sheet. Times are in milliseconds, from before the picture is taken to
// after its elements are known.
type Round struct {
	// FirstMS is for a screen of which nothing was seen before, LaterMS for the same
	// with one line in twenty changed, and AgainMS for that one by eyes that remember
	// nothing.
	FirstMS float64 `json:"first_ms"`
	LaterMS float64 `json:"later_ms"`
	AgainMS float64 `json:"again_ms"`
	// WholeMS is what Tesseract takes for the whole picture.
	WholeMS float64 `json:"whole_tesseract_ms"`
	// Exact is how many lines of both screens were read exactly, of 2 x Lines.
	Exact int `json:"exact"`
}

// Report is all rounds.
type Report struct {
	Reader string  `json:"reader"`
	Rounds []Round `json:"rounds"`
}

// Bench has eyes look at sheets.
type Bench struct {
	Stage *stage.Stage
	Eyes  stage.Eyes
	Seed  uint64
	// Done is called after each round; may be nil.
	Done func(Round)
}

// errBlind means that the eyes saw nothing of the sheet, so that its time says nothing.
var errBlind = errors.New("no line of the sheet was read")

// Run measures n sheets.
func (b Bench) Run(ctx context.Context, n int) ([]Round, error) {
	rng := rand.New(rand.NewPCG(b.Seed, 0x5bee7))
	var rounds []Round
	for range n {
		round, err := b.round(ctx, rng)
		if err != nil {
			return rounds, fmt.Errorf("sheet %d: %w", len(rounds)+1, err)
		}
		rounds = append(rounds, round)
		if b.Done != nil {
			b.Done(round)
		}
	}
	return rounds, nil
}

func (b Bench) round(ctx context.Context, rng *rand.Rand) (Round, error) {
	p, err := stage.Show(ctx, b.Stage, func() *page { return newPage(rng) },
		func(ctx context.Context, p *page) error { return p.wait(ctx, "shown") })
	if err != nil {
		return Round{}, err
	}
	var round Round
	_, first, err := b.timed(ctx, true, &round.FirstMS)
	if err != nil {
		return round, err
	}
	if err := b.Stage.Tell(ctx, p, "change", func(ctx context.Context) error { return p.wait(ctx, "changed") }); err != nil {
		return round, err
	}
	_, later, err := b.timed(ctx, false, &round.LaterMS)
	if err != nil {
		return round, err
	}
	picture, _, err := b.timed(ctx, true, &round.AgainMS)
	if err != nil {
		return round, err
	}
	began := time.Now()
	if _, err := whole(picture); err != nil {
		return round, err
	}
	round.WholeMS = milliseconds(time.Since(began))
	if round.Exact = exact(p.lines, first) + exact(p.after(), later); round.Exact == 0 {
		return round, errBlind
	}
	return round, nil
}

// timed looks when nothing moves and notes how long that took.
func (b Bench) timed(ctx context.Context, fresh bool, took *float64) (image.Image, screen.Screen, error) {
	if err := b.Eyes.Settle(ctx); err != nil {
		return nil, screen.Screen{}, err
	}
	began := time.Now()
	picture, s, err := b.Eyes.Look(ctx, fresh)
	*took = milliseconds(time.Since(began))
	return picture, s, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// exact counts the lines that stand on the screen as they are. Lines of one paragraph
// may be one element.
func exact(lines [Lines]string, s screen.Screen) int {
	n := 0
	for _, line := range lines {
		if slices.ContainsFunc(s.Elements, func(e screen.Element) bool { return strings.Contains(e.Text, line) }) {
			n++
		}
	}
	return n
}
