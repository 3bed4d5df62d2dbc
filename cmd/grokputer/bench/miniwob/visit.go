package miniwob

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"sync"

	"github.com/grokputer/grokputer/contracts/screen"
)

//go:embed page.js
var pageScript string

//go:embed wanted.js
var wantedScript string

// Visit is one page in the browser, with the episode that is played on it. It is a
// stage.Page.
type Visit struct {
	pages Pages
	task  string
	order order

	ready, changed, over *mark
	// said is set before ready is closed, and reward before over is.
	said   Ready
	reward Reward
}

// order is what the script in a page is told of its episode.
type order struct {
	Seed   int64 `json:"seed"`
	Wanted bool  `json:"wanted"` // have it tell what is on it
}

// mark is a channel that is closed at most once.
type mark struct {
	once sync.Once
	set  chan struct{}
}

func newMark() *mark { return &mark{set: make(chan struct{})} }

// Ready is what a page says once its episode has begun and is shown.
type Ready struct {
	// Goal is what the agent is to do.
	Goal string `json:"goal"`
	// Wanted is what is on the page, when it was asked for.
	Wanted []Wanted `json:"wanted"`
}

// Wanted is one thing that the eyes should see.
type Wanted struct {
	// Kinds are those that are right, the usual one first.
	Kinds []screen.Kind `json:"kinds"`
	// Text is what it says. Without Judged there is none that could be read, or
	// it is not known.
	Text   string `json:"text"`
	Judged bool   `json:"judged"`
	// Checked is whether a check box or a radio button is on.
	Checked bool `json:"checked"`
	// Paragraph numbers the lines that belong together, from 1; 0 is alone.
	Paragraph int `json:"paragraph"`
	// Left to Bottom are in the screen's pixels.
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
}

// Box is the rectangle, rounded outwards.
func (w Wanted) Box() image.Rectangle {
	return image.Rect(int(math.Floor(w.Left)), int(math.Floor(w.Top)), int(math.Ceil(w.Right)), int(math.Ceil(w.Bottom)))
}

// Reward is what a page gives at the end of its episode.
type Reward struct {
	// Raw is the reward without a discount for time: 1 is success.
	Raw    float64 `json:"raw"`
	Reason string  `json:"reason"`
}

// Visit is a visit to a task's page. Wanted has the page tell what is on it.
func (p Pages) Visit(task string, seed int64, wanted bool) *Visit {
	return &Visit{pages: p, task: task, order: order{seed, wanted}, ready: newMark(), changed: newMark(), over: newMark()}
}

// Path implements stage.Page.
func (v *Visit) Path() string { return "miniwob/" + v.task + ".html" }

// Document implements stage.Page.
func (v *Visit) Document(script string) ([]byte, error) {
	told, err := json.Marshal(v.order)
	if err != nil {
		return nil, err
	}
	return v.pages.page(v.task, "(() => {\n"+script+"const episode = "+string(told)+";\n"+wantedScript+pageScript+"})();")
}

// Hear implements stage.Page.
func (v *Visit) Hear(kind string, body []byte) (err error) {
	switch kind {
	case "ready":
		v.ready.once.Do(func() {
			if err = json.Unmarshal(body, &v.said); err == nil {
				close(v.ready.set)
			}
		})
	case "changed":
		v.changed.once.Do(func() { close(v.changed.set) })
	case "over":
		v.over.once.Do(func() {
			if err = json.Unmarshal(body, &v.reward); err == nil {
				close(v.over.set)
			}
		})
	default:
		return fmt.Errorf("a page says %q, which means nothing", kind)
	}
	return err
}

// Ready waits until the episode has begun and is shown.
func (v *Visit) Ready(ctx context.Context) (Ready, error) {
	select {
	case <-v.ready.set:
		return v.said, nil
	case <-ctx.Done():
		return Ready{}, fmt.Errorf("the page of %s does not begin: %w", v.task, context.Cause(ctx))
	}
}

// Changed waits until the change that was asked for is shown.
func (v *Visit) Changed(ctx context.Context) error {
	select {
	case <-v.changed.set:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the page of %s does not change: %w", v.task, context.Cause(ctx))
	}
}

// Over is closed when the page has given its reward.
func (v *Visit) Over() <-chan struct{} { return v.over.set }

// Reward is what the page gave. ok is false as long as it has given none.
func (v *Visit) Reward() (r Reward, ok bool) {
	select {
	case <-v.over.set:
		return v.reward, true
	default:
		return Reward{}, false
	}
}
