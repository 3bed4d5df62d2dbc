package house

import (
	"path/filepath"

	"github.com/grokputer/grokputer/services/actor"
	"github.com/grokputer/grokputer/services/actor/local"
	"github.com/grokputer/grokputer/services/actor/openai"
)

// planner is what plans the actions: an endpoint where one is set, and the
// local model else. A model that is not there fails the tasks, not the house.
func (h *House) planner() (actor.Planner, error) {
	c := h.config.Planner
	if c.Own != nil {
		return c.Own, nil
	}
	if c.URL != "" {
		planner, err := openai.New(openai.Options{
			URL: c.URL, Model: c.Name, Key: c.Key, Images: c.Images, Timeout: c.Timeout, Log: h.config.Log,
		})
		if err != nil {
			return nil, err
		}
		h.later(func() error { planner.Close(); return nil })
		return planner, nil
	}
	o := local.Options{Model: c.Model, SHA256: c.SHA256, Log: h.config.Log}
	if c.Adapter != "" {
		o.Adapter = local.Adapter{Name: filepath.Base(c.Adapter), Dir: c.Adapter}
	}
	planner, err := local.New(o)
	if err != nil {
		return nil, err
	}
	h.later(planner.Close)
	return planner, nil
}
