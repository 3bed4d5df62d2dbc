package cli

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/lm"
	lmlora "github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/lm/safetensors"
	"github.com/grokputer/grokputer/services/trainer/federate"
)

type adaptersMergeCmd struct {
	asJSON

	Parts   []string  `arg:"" name:"folder-or-version" help:"The adapters: folders, such as downloads of other installations, or versions of this one."`
	Out     string    `env:"-" required:"" help:"Folder to make." type:"path" placeholder:"FOLDER"`
	Weights []float64 `env:"-" help:"How much each counts; the number of examples that it was trained on when not given." placeholder:"W,..."`
	Rank    int       `env:"-" help:"The rank of the result, the nearest of that rank; when not given all ranks beside each other, which is exact, or after noise the largest one." placeholder:"R"`
	Clip    float64   `env:"-" help:"Scale adapters down to this L2 norm; 0 leaves them." placeholder:"C"`
	Noise   float64   `env:"-" help:"Add Gaussian noise of this many times what one adapter can change at most; needs --clip." placeholder:"SIGMA"`
	Delta   float64   `env:"-" help:"The delta for which the epsilon is told that the noise gives." default:"1e-5" placeholder:"D"`
	Model   string    `help:"File of the base model (GGUF); the fetched one in the models folder when not given." type:"path" placeholder:"FILE"`
}

// merged is a merge for programs.
type merged struct {
	Folder string       `json:"folder"`
	SHA256 string       `json:"sha256"`
	Rank   int          `json:"rank"`
	Parts  []mergedPart `json:"parts"`
	Clip   float64      `json:"clip,omitempty"`
	Noise  float64      `json:"noise,omitempty"`
	// Sigma is the noise's standard deviation on each weight.
	Sigma float64 `json:"sigma,omitempty"`
	// Epsilon is what is spent of each installation's privacy for Delta; nil without noise, when
	// nothing is promised.
	Epsilon *float64 `json:"epsilon,omitempty"`
	Delta   float64  `json:"delta,omitempty"`
	// Lost is the part of the average, and of the noise, that the rank does not hold.
	Lost float64 `json:"lost"`
}

// mergedPart is one of the adapters.
type mergedPart struct {
	Name     string  `json:"name"`
	SHA256   string  `json:"sha256"`
	Examples int     `json:"examples,omitempty"`
	Weight   float64 `json:"weight"` // of all 1
	Norm     float64 `json:"norm"`   // before it was clipped

	adapter *lmlora.Adapter
}

// Run merges adapters.
func (cmd *adaptersMergeCmd) Run(ctx context.Context, c *call) error {
	if err := cmd.validate(); err != nil {
		return err
	}
	model, sha256, err := baseModel(c, cmd.Model)
	if err != nil {
		return err
	}
	engine, err := lm.Open(ctx, model, lm.Options{SHA256: sha256, Threads: 1})
	if err != nil {
		return err
	}
	err = errors.Join(cmd.merge(ctx, c, engine), engine.Close())
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// validate names the flag that cannot be.
func (cmd *adaptersMergeCmd) validate() error {
	if len(cmd.Parts) < 2 {
		return errors.New("name at least two adapters to merge")
	}
	if n := len(cmd.Weights); n > 0 && n != len(cmd.Parts) {
		return fmt.Errorf("weights: there are %d for %d adapters", n, len(cmd.Parts))
	}
	if old, err := os.ReadDir(cmd.Out); err == nil && len(old) > 0 {
		return fmt.Errorf("%s is there already: name another folder with --out", cmd.Out)
	}
	if cmd.Noise != 0 {
		if _, err := federate.Epsilon(cmd.Noise, cmd.Delta); err != nil {
			return err
		}
	}
	return federate.Options{Rank: cmd.Rank, Clip: cmd.Clip, Noise: cmd.Noise}.Validate()
}

// merge reads, merges and writes.
func (cmd *adaptersMergeCmd) merge(ctx context.Context, c *call, engine *lm.Engine) error {
	parts, err := cmd.read(ctx, c, engine)
	if err != nil {
		return err
	}
	random, err := unguessable()
	if err != nil {
		return err
	}
	tick := newTicker(c.err)
	together := make([]federate.Part, len(parts))
	for i, p := range parts {
		together[i] = federate.Part{Adapter: p.adapter, Weight: p.Weight}
	}
	m, err := federate.Merge(ctx, together, federate.Options{
		Rank: cmd.Rank, Clip: cmd.Clip, Noise: cmd.Noise, Random: random,
		Progress: func(done, of int) {
			tick.show(contracts.TrainingProgress{Doing: "merging", Step: done, Steps: of})
		},
	})
	tick.end()
	if err != nil {
		return err
	}
	r := merged{Folder: cmd.Out, Rank: m.Adapter.Config.Rank, Parts: parts, Clip: cmd.Clip, Noise: cmd.Noise, Sigma: m.Sigma, Lost: m.Lost}
	examples := 0
	for i := range r.Parts {
		r.Parts[i].Weight, r.Parts[i].Norm = m.Weights[i], m.Norms[i]
		examples += parts[i].Examples
	}
	// Nothing of a part but what is in the weights: no session, no task, no name.
	notes := map[string]string{"merged": strconv.Itoa(len(parts))}
	if cmd.Noise > 0 {
		epsilon, err := federate.Epsilon(cmd.Noise, cmd.Delta)
		if err != nil {
			return err
		}
		r.Epsilon, r.Delta = &epsilon, cmd.Delta
		notes["privacy"] = fmt.Sprintf("clip %g, noise %g, epsilon %.4g for delta %g", cmd.Clip, cmd.Noise, epsilon, cmd.Delta)
	} else if examples > 0 {
		notes[notedExamples] = strconv.Itoa(examples)
	}
	meta, err := engine.SaveAdapter(cmd.Out, m.Adapter, safetensors.F32, lmlora.Metadata{
		CreatedBy: "grokputer " + readBuildInfo().Version, CreatedAt: time.Now().UTC(), Notes: notes,
	})
	if err != nil {
		return err
	}
	r.SHA256 = meta.AdapterSHA256
	if cmd.JSON {
		return c.json(r)
	}
	return r.say(c)
}

// unguessable draws noise that nobody can draw again.
func unguessable() (*rand.Rand, error) {
	var seed [32]byte
	if _, err := cryptorand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("draw the noise: %w", err)
	}
	return rand.New(rand.NewChaCha8(seed)), nil
}

// say writes what was merged.
func (r merged) say(c *call) error {
	rows := make([][]string, len(r.Parts))
	for i, p := range r.Parts {
		rows[i] = []string{
			screen.Line(p.Name), count(p.Examples), fmt.Sprintf("%.3f", p.Weight), fmt.Sprintf("%.4g", p.Norm),
			map[bool]string{true: "yes", false: "no"}[r.Clip > 0 && p.Norm > r.Clip],
		}
	}
	err := errors.Join(c.table([]string{"ADAPTER", "EXAMPLES", "WEIGHT", "NORM", "CLIPPED"}, rows),
		c.say("merged to %s: rank %d, sha256 %s", r.Folder, r.Rank, r.SHA256))
	if r.Lost > 0 {
		of := "the average's squared norm"
		if r.Noise > 0 {
			of += ", with its noise"
		}
		err = errors.Join(err, c.say("the rank does not hold %.1f %% of %s", 100*r.Lost, of))
	}
	privacy := "no noise was added, so nothing is promised of what can be learned of one of them from the result"
	if r.Epsilon != nil {
		privacy = fmt.Sprintf("privacy spent: epsilon %.4g for delta %g, of each adapter, in this merge; noise of %.3g on each weight.\n"+
			"The result hides what any one of them taught. It hides nothing from who merges, and the table above is for them alone; "+
			"each further merge of the same installations spends more", *r.Epsilon, r.Delta, r.Sigma)
	}
	return errors.Join(err, c.say("%s", privacy), c.say("`grokputer run --adapter %s \"...\"` plans with it", r.Folder))
}

// count is a number as a table shows it: a dash for none.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
