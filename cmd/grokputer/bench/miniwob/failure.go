package miniwob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/kit/blob"
)

// failure is what is kept of an episode that failed, in episode.json.
type failure struct {
	Episode
	Taken []contracts.TaskStep `json:"taken"`
	// Asked is what the planner was asked last, where that is known.
	Asked *prompt.State `json:"asked,omitempty"`
}

// keep saves the steps, with all that the planner was told, and the picture of
// the screen before each, and after the last.
func (p *play) keep(ctx context.Context, e Episode, last *contracts.Frame, folder string) error {
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700)); err != nil {
		return fmt.Errorf("keep a failed episode: %w", err)
	}
	f := failure{Episode: e, Taken: p.steps}
	if p.Asked != nil {
		asked := p.Asked()
		f.Asked = &asked
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("keep a failed episode: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "episode.json"), text, 0o600); err != nil {
		return fmt.Errorf("keep a failed episode: %w", err)
	}
	pictures := map[string]contracts.Blob{}
	for _, step := range p.steps {
		pictures[fmt.Sprintf("step-%02d.png", step.Step)] = step.Frame.Image
	}
	if last != nil {
		pictures["last.png"] = last.Image
	}
	for name, picture := range pictures {
		if picture.Key == "" {
			continue
		}
		err := p.Frames.Download(ctx, picture, filepath.Join(folder, name))
		if err != nil && !errors.Is(err, blob.ErrNotFound) { // the oldest frames make room for new ones
			return fmt.Errorf("keep a failed episode: %w", err)
		}
	}
	return nil
}
